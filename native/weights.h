// PyTorch's weights laid out for the products and their gradients laid back; products with them as they lie.
#pragma once

#include "cells.h"
#include "gemm.h"
#include "problem.h"

namespace yeoul {
namespace YEOUL_ISA {

template <typename T>
static void pack_vectors(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w) {
    for (ptrdiff_t g = 0; g < l.gates; ++g) {
        for (ptrdiff_t j = 0; j < l.padded; ++j) {
            const ptrdiff_t to = g * l.padded + j, from = g * l.hidden + j;
            const bool real = j < l.hidden;
            const bool hidden_n = p.cell == Cell::gru && g == 2;
            w.real[to] = T(real);
            w.gain_ih[to] = real && l.norm ? p.gain_ih[from] : T(0);
            w.gain_hh[to] = real && l.norm ? p.gain_hh[from] : T(0);
            w.bias_ih[to] = real ? p.b_ih[from] + (hidden_n ? T(0) : p.b_hh[from]) : T(0);
            if (hidden_n) w.bias_n[j] = real ? p.b_hh[from] : T(0);
            if (g == 0) w.gain_cell[j] = real && p.gain_cell ? p.gain_cell[j] : T(0);
            if (g == 0) w.bias_cell[j] = real && p.gain_cell ? p.bias_cell[j] : T(0);
        }
    }
}

// Row of PyTorch's weights (G·H, columns) for place `n` of the padded gates; null for padding.
template <typename T>
INLINE const T* weights_row(const Layout<T>& l, const T* weights, ptrdiff_t columns, ptrdiff_t n) {
    const ptrdiff_t j = n % l.padded;
    return j < l.hidden ? weights + (n / l.padded * l.hidden + j) * columns : nullptr;
}

// The means over the gates that are normed together, for some columns of a weight.
template <typename T>
static void average_columns(Part part, const Layout<T>& l, const T* weights, ptrdiff_t columns, T* means) {
    const ptrdiff_t from = part.from(columns), to = part.to(columns);
    Together groups[2];
    const ptrdiff_t count = together(l, groups);
    for (ptrdiff_t group = 0; group < count; ++group, means += columns) {
        const ptrdiff_t first = groups[group].from / l.padded * l.hidden;
        clear(means + from, to - from);
        for (ptrdiff_t row = first; row < first + groups[group].count; ++row)
            for (ptrdiff_t k = from; k < to; ++k) means[k] += weights[row * columns + k];
        for (ptrdiff_t k = from; k < to; ++k) means[k] /= T(groups[group].count);
    }
}

template <typename T>
static void average(const Problem<T>& p, Part part, T* packed) {
    const Layout<T> l(p);
    const Packed<T> w(l, packed);
    if (p.thin) return;
    average_columns(part, l, p.w_ih, l.features, w.mean_ih);
    average_columns(part, l, p.w_hh, l.hidden, w.mean_hh);
}

template <typename T>
static void pack_forward(const Problem<T>& p, Part part, T* packed) {
    const Layout<T> l(p);
    const Packed<T> w(l, packed);
    if (part.number == 0) pack_vectors(p, l, w);
    if (p.thin) return;
    auto column = [&](const T* weights, ptrdiff_t columns, const T* means, ptrdiff_t n) {
        const bool second = l.cell == Cell::gru && n >= 2 * l.padded;
        return Column<T>{weights_row(l, weights, columns, n), l.norm ? means + (second ? columns : 0) : nullptr};
    };
    pack_columns(part, l.features, l.width / WIDTH<T>, w.w_ih,
                 [&](ptrdiff_t n) { return column(p.w_ih, l.features, w.mean_ih, n); });
    pack_columns(part, l.hidden, l.width / WIDTH<T>, w.w_hh,
                 [&](ptrdiff_t n) { return column(p.w_hh, l.hidden, w.mean_hh, n); });
}

template <typename T>
static void pack_backward(const Problem<T>& p, Part part, bool inputs, T* packed) {
    const Layout<T> l(p);
    const Packed<T> w(l, packed);
    if (p.thin) return;
    pack_rows(part, l.width, l.padded / WIDTH<T>, w.w_hh_back, l.hidden,
              [&](ptrdiff_t k) { return weights_row(l, p.w_hh, l.hidden, k); });
    if (!inputs) return;
    pack_rows(part, l.width, l.features_padded / WIDTH<T>, w.w_ih_back, l.features,
              [&](ptrdiff_t k) { return weights_row(l, p.w_ih, l.features, k); });
}

// ---- products with the weights as they lie, for so few rows that laying them out would cost more ----

template <typename T>
static void multiply_thin(const Layout<T>& l, ptrdiff_t rows, const T* a, ptrdiff_t stride, const T* weights,
                   ptrdiff_t columns, T* c) {
    for (ptrdiff_t n = 0; n < l.width; ++n) {
        const T* from = weights_row(l, weights, columns, n);
        for (ptrdiff_t row = 0; row < rows; ++row)
            c[row * l.width + n] = from ? dot(a + row * stride, from, columns) : T(0);
    }
}

// Take the mean of the gates that are normed together away from each row.
template <typename T>
static void center_rows(const Layout<T>& l, const Packed<T>& w, ptrdiff_t rows, T* c) {
    Together groups[2];
    const ptrdiff_t count = together(l, groups);
    for (T* row = c; row < c + rows * l.width; row += l.width)
        for (const Together* group = groups; group < groups + count; ++group) {
            Vec<T> total{};
            for (ptrdiff_t j = group->from; j < group->to; j += WIDTH<T>) total += load(row + j);
            const T mean = sum<T>(total) / T(group->count);
            for (ptrdiff_t j = group->from; j < group->to; j += WIDTH<T>)
                store(row + j, load(row + j) - mean * load(w.real + j));
        }
}

template <typename T>
INLINE void add_scaled(T factor, const T* from, ptrdiff_t count, T* to) {
    ptrdiff_t k = 0;
    for (; k + WIDTH<T> <= count; k += WIDTH<T>) store(to + k, load(to + k) + factor * load(from + k));
    for (; k < count; ++k) to[k] += factor * from[k];
}

// To `c` is added what the gradients `a` of the gates are, multiplied back through the weights.
template <typename T>
static void multiply_thin_back(const Layout<T>& l, ptrdiff_t rows, const T* a, ptrdiff_t stride, const T* weights,
                        ptrdiff_t columns, T* c, ptrdiff_t c_row) {
    for (ptrdiff_t n = 0; n < l.width; ++n)
        for (ptrdiff_t row = 0; row < rows; ++row)
            if (const T* from = weights_row(l, weights, columns, n))
                add_scaled(a[row * stride + n], from, columns, c + row * c_row);
}

// The gradient of weights that the rows of `b`, one at least, were multiplied with, from that of the gates.
template <typename T>
static void gradient_thin(const Layout<T>& l, ptrdiff_t rows, const T* a, ptrdiff_t stride, const T* b, ptrdiff_t b_row,
                   ptrdiff_t columns, T* gradient) {
    for (ptrdiff_t g = 0; g < l.gates; ++g)
        for (ptrdiff_t j = 0; j < l.hidden; ++j, gradient += columns) {
            const T factor = a[g * l.padded + j];
            for (ptrdiff_t k = 0; k < columns; ++k) gradient[k] = factor * b[k];
            for (ptrdiff_t row = 1; row < rows; ++row)
                add_scaled(a[row * stride + g * l.padded + j], b + row * b_row, columns, gradient);
        }
}

// ---- gradients ----

constexpr ptrdiff_t BLOCK = 16;  // of columns that are turned into rows together

template <typename T>
static void unpack(Part part, const Layout<T>& l, const T* transposed, ptrdiff_t columns, T* weights) {
    const ptrdiff_t rows = l.gates * l.hidden, last = part.to(rows);
    for (ptrdiff_t row = part.from(rows); row < last; row += BLOCK)
        for (ptrdiff_t k = 0; k < columns; k += BLOCK)
            for (ptrdiff_t n = row; n < row + BLOCK && n < last; ++n) {
                const T* from = transposed + n / l.hidden * l.padded + n % l.hidden;
                for (ptrdiff_t at = k; at < k + BLOCK && at < columns; ++at) weights[n * columns + at] = from[at * l.width];
            }
}

}  // namespace YEOUL_ISA
}  // namespace yeoul
