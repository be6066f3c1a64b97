// Small dense products on buffers that stay in cache: C = A B or C += A B, C (m, n), n whole vectors.
//
// A tile of C is held in registers over the whole inner dimension; every element of C is one chain of additions in the
// order of k, and what was there is added last: it does not depend on the number of rows beside it, and a sum that grows
// product by product keeps its digits. A is read through two strides: plain or transposed.
#pragma once

#include "problem.h"
#include "vectors.h"

namespace yeoul {
namespace YEOUL_ISA {

template <typename T>
struct Matrix {
    const T* data;
    ptrdiff_t row, column;  // strides
};

constexpr int PANEL = 4;  // widest panel, in vectors

// Rows of a register tile beside `vectors` columns of vectors.
constexpr int tile_rows(int vectors) {
    const int room = YEOUL_REGISTERS - 3 - vectors;
    const int rows = room / vectors;
    return rows > 12 ? 12 : (rows < 1 ? 1 : rows);
}

template <typename T, int R, int C>
static void register_tile(ptrdiff_t depth, const T* a, ptrdiff_t a_row, ptrdiff_t a_column, const T* b, ptrdiff_t b_row,
                          T* c, ptrdiff_t c_row, bool add) {
    Vec<T> total[R][C];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (int v = 0; v < C; ++v) total[r][v] = Vec<T>{};
    for (ptrdiff_t k = 0; k < depth; ++k) {
        Vec<T> right[C];
#pragma GCC unroll 4
        for (int v = 0; v < C; ++v) right[v] = load(b + v * WIDTH<T>);
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
            const Vec<T> factor = all(a[r * a_row]);
#pragma GCC unroll 4
            for (int v = 0; v < C; ++v) total[r][v] += factor * right[v];
        }
        a += a_column;
        b += b_row;
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (int v = 0; v < C; ++v) {
            T* to = c + r * c_row + v * WIDTH<T>;
            store(to, add ? load(to) + total[r][v] : total[r][v]);
        }
}

template <typename T>
using RegisterTile = void (*)(ptrdiff_t, const T*, ptrdiff_t, ptrdiff_t, const T*, ptrdiff_t, T*, ptrdiff_t, bool);

template <typename T, int C, size_t... R>
INLINE RegisterTile<T> tile_for(ptrdiff_t rows, std::index_sequence<R...>) {
    static constexpr RegisterTile<T> tiles[] = {register_tile<T, int(R) + 1, C>...};
    return tiles[rows - 1];
}

template <typename T, int C>
INLINE RegisterTile<T> tile_for(ptrdiff_t rows) {
    return tile_for<T, C>(rows, std::make_index_sequence<size_t(tile_rows(C))>());
}

template <typename T>
INLINE RegisterTile<T> tile_for(ptrdiff_t rows, ptrdiff_t vectors) {
    switch (vectors) {
        case 1: return tile_for<T, 1>(rows);
        case 2: return tile_for<T, 2>(rows);
        case 3: return tile_for<T, 3>(rows);
        default: return tile_for<T, 4>(rows);
    }
}

constexpr ptrdiff_t MOST_ROWS[PANEL + 1] = {1, tile_rows(1), tile_rows(2), tile_rows(3), tile_rows(4)};

// So many things, cut into so few shares of at most `most` that are as even as can be. Divides once: shares are small.
struct Shares {
    ptrdiff_t count, least, more;
    Shares(ptrdiff_t size, ptrdiff_t most)
        : count((size + most - 1) / most), least(count ? size / count : 0), more(size - least * count) {}
    ptrdiff_t first(ptrdiff_t share) const { return share * least + (share < more ? share : more); }
};

// Columns of B are cut into panels. `b_row` > 0: B lies row by row with this stride. 0: B is packed, panel by panel
// (see `pack_columns`).
template <typename T>
static void multiply(ptrdiff_t m, ptrdiff_t depth, ptrdiff_t vectors, Matrix<T> a, const T* b, ptrdiff_t b_row, T* c,
                     ptrdiff_t c_row, bool add) {
    const Shares panels(vectors, PANEL);
    for (ptrdiff_t panel = 0; panel < panels.count; ++panel) {
        const ptrdiff_t first = panels.first(panel), width = panels.first(panel + 1) - first;
        const T* columns = b + first * WIDTH<T> * (b_row ? 1 : depth);
        const ptrdiff_t stride = b_row ? b_row : width * WIDTH<T>;
        const Shares blocks(m, MOST_ROWS[width]);
        for (ptrdiff_t block = 0; block < blocks.count; ++block) {
            const ptrdiff_t row = blocks.first(block), rows = blocks.first(block + 1) - row;
            tile_for<T>(rows, width)(depth, a.data + row * a.row, a.row, a.column, columns, stride,
                                     c + row * c_row + first * WIDTH<T>, c_row, add);
        }
    }
}

// A column's elements one after another, less a mean for each where there is one; null: zeros.
template <typename T>
struct Column {
    const T *data, *mean;
    T operator[](ptrdiff_t k) const { return !data ? T(0) : mean ? data[k] - mean[k] : data[k]; }
};

// Lay B (depth, vectors · WIDTH) out for `multiply`. `column(n)` is a `Column`; `row(k)` is where row k begins, of which the
// first `columns` are real, or null for zeros.
template <typename T, typename Find>
static void pack_columns(Part part, ptrdiff_t depth, ptrdiff_t vectors, T* packed, Find column) {
    constexpr ptrdiff_t BLOCK = 16;  // elements of each column that are read while the rows they go to are at hand
    const Shares panels(vectors, PANEL);
    for (ptrdiff_t panel = part.from(panels.count); panel < part.to(panels.count); ++panel) {
        const ptrdiff_t from = panels.first(panel) * WIDTH<T>, wide = panels.first(panel + 1) * WIDTH<T> - from;
        T* to = packed + from * depth;
        for (ptrdiff_t block = 0; block < depth; block += BLOCK)
            for (ptrdiff_t n = 0; n < wide; ++n) {
                const Column<T> source = column(from + n);
                const ptrdiff_t end = block + BLOCK < depth ? block + BLOCK : depth;
                for (ptrdiff_t k = block; k < end; ++k) to[k * wide + n] = source[k];
            }
    }
}

template <typename T, typename Row>
static void pack_rows(Part part, ptrdiff_t depth, ptrdiff_t vectors, T* packed, ptrdiff_t columns, Row row) {
    const Shares panels(vectors, PANEL);
    for (ptrdiff_t panel = 0; panel < panels.count; ++panel) {
        const ptrdiff_t from = panels.first(panel) * WIDTH<T>, wide = panels.first(panel + 1) * WIDTH<T> - from;
        const ptrdiff_t real = columns - from < wide ? columns - from : wide;
        for (ptrdiff_t k = part.from(depth); k < part.to(depth); ++k) {
            T* to = packed + from * depth + k * wide;
            const T* source = row(k);
            for (ptrdiff_t n = 0; n < wide; ++n) to[n] = source && n < real ? source[from + n] : T(0);
        }
    }
}

template <typename T>
static T dot(const T* a, const T* b, ptrdiff_t count) {
    Vec<T> total{}, other{};
    ptrdiff_t k = 0;
    for (; k + 2 * WIDTH<T> <= count; k += 2 * WIDTH<T>) {
        total += load(a + k) * load(b + k);
        other += load(a + k + WIDTH<T>) * load(b + k + WIDTH<T>);
    }
    for (; k < count; k += WIDTH<T>) total += load_part(a + k, count - k) * load_part(b + k, count - k);
    return sum<T>(total + other);
}

}  // namespace YEOUL_ISA
}  // namespace yeoul
