// Tasks on several threads: OpenMP, so that torch's own threads are used and none spins beside them; else std::thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "denormals.h"

namespace yeoul {

// Call `task(index, thread)` for each index below `count`, the lowest first; `thread` is below `threads`.
template <typename Task>
void parallel(ptrdiff_t count, int threads, Task task) {
    threads = int(std::max<ptrdiff_t>(1, std::min<ptrdiff_t>(threads, count)));
    std::atomic<ptrdiff_t> next{0};
    auto work = [&](int thread) {
        const FlushDenormals flush;
        for (ptrdiff_t index; (index = next.fetch_add(1)) < count;) task(index, thread);
    };
    if (threads == 1) return work(0);
#if defined(_OPENMP)
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int thread = 0; thread < threads; ++thread) work(thread);
#else
    std::vector<std::thread> others;
    for (int thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
    work(0);
    for (std::thread& other : others) other.join();
#endif
}

}  // namespace yeoul
