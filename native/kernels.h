// The kernels of one instruction set, behind plain function pointers.
#pragma once

#include "problem.h"

namespace yeoul {

// Sizes of the buffers that the binding provides, in elements of T.
struct Sizes {
    ptrdiff_t entry;          // kept for each real step of each row
    ptrdiff_t projected;      // for each distinct token
    ptrdiff_t packed;         // weights laid out for the products
    ptrdiff_t tile_partial;   // one tile's share of the weights' gradients
    ptrdiff_t input_partial;  // one group's share of the input weights' gradients
    ptrdiff_t scratch;        // each task
};

template <typename T>
struct Buffers {
    T *packed = nullptr, *projected = nullptr, *kept = nullptr, *pieces = nullptr, *input_gradients = nullptr;
    T *tile_partials = nullptr, *input_partials = nullptr;
};

template <typename T>
struct Kernels {
    int width;  // lanes
    Sizes (*sizes)(const Problem<T>&);
    void (*average)(const Problem<T>&, Part, T* packed);  // before `pack_forward`, with layer norm
    void (*pack_forward)(const Problem<T>&, Part, T* packed);
    void (*project)(const Problem<T>&, const Plan&, ptrdiff_t from, ptrdiff_t to, const Buffers<T>&, T* scratch);
    void (*forward)(const Problem<T>&, const Plan&, const Tile&, const Buffers<T>&, T* scratch);
    void (*pack_backward)(const Problem<T>&, Part, bool inputs, T* packed);
    void (*backward)(const Problem<T>&, const Gradients<T>&, const Plan&, ptrdiff_t tile, const Buffers<T>&, T* scratch);
    void (*gather_piece)(const Problem<T>&, const Plan&, ptrdiff_t piece, const Buffers<T>&);
    void (*gather)(const Problem<T>&, const Gradients<T>&, const Plan&, ptrdiff_t group, const Buffers<T>&, T* scratch);
    void (*share_out)(const Problem<T>&, const Gradients<T>&, const Plan&, Part, const Buffers<T>&);
    void (*reduce)(const Problem<T>&, Part, ptrdiff_t tiles, ptrdiff_t groups, const Buffers<T>&);
    void (*unpack)(const Problem<T>&, Part, const Gradients<T>&, const Buffers<T>&);
};

constexpr ptrdiff_t TILE_ROWS = 16;  // at most
constexpr ptrdiff_t CHUNK = 96;  // entries that are projected, or whose weight gradients are taken, together

#define YEOUL_DECLARE(isa)                 \
    namespace isa {                        \
    extern const Kernels<float> floats;    \
    extern const Kernels<double> doubles;  \
    }
YEOUL_DECLARE(baseline)
YEOUL_DECLARE(avx2)
YEOUL_DECLARE(avx512)

}  // namespace yeoul
