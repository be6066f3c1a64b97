#include "workspace.h"

#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace yeoul {

namespace {

struct Piece {
    void* data;
    size_t bytes;
};

constexpr size_t PAGE = 2 << 20;      // a huge page, where there are any
constexpr size_t KEPT = 256u << 20;   // bytes that may lie unused

class Pool {
  public:
    Piece take(size_t bytes) {
        std::lock_guard<std::mutex> hold(lock_);
        size_t best = free_.size();
        for (size_t k = 0; k < free_.size(); ++k) {
            const bool fits = free_[k].bytes >= bytes && free_[k].bytes <= 2 * bytes + PAGE;
            if (fits && (best == free_.size() || free_[k].bytes < free_[best].bytes)) best = k;
        }
        if (best == free_.size()) return fresh(bytes);
        const Piece found = free_[best];
        free_.erase(free_.begin() + ptrdiff_t(best));
        unused_ -= found.bytes;
        return found;
    }

    void give(Piece piece) {
        std::lock_guard<std::mutex> hold(lock_);
        free_.push_back(piece);
        unused_ += piece.bytes;
        while (unused_ > KEPT || free_.size() > 32) {  // the longest unused goes first
            unused_ -= free_.front().bytes;
            std::free(free_.front().data);
            free_.erase(free_.begin());
        }
    }

  private:
    static Piece fresh(size_t bytes) {
        const size_t unit = bytes >= PAGE ? PAGE : 64, size = (bytes + unit - 1) / unit * unit;
        void* data = std::aligned_alloc(unit, size);
        if (!data) throw std::bad_alloc();
#if defined(__linux__)
        if (unit == PAGE) madvise(data, size, MADV_HUGEPAGE);
#endif
        return {data, size};
    }

    std::mutex lock_;
    std::vector<Piece> free_;
    size_t unused_ = 0;
};

Pool& pool() {
    static Pool* const only = new Pool;  // outlives every buffer, also at exit
    return *only;
}

}  // namespace

Buffer::Buffer(size_t bytes) {
    const Piece piece = pool().take(bytes ? bytes : 64);
    data_ = piece.data;
    bytes_ = piece.bytes;
}

Buffer::~Buffer() {
    if (data_) pool().give({data_, bytes_});
}

}  // namespace yeoul
