// One step of one row of a cell, forwards and back, on buffers padded to whole vectors.
//
// What is kept of a step for the way back, in this order: the gates after their nonlinearities (G gates, each padded);
// of the LSTM c after the step, of the GRU the hidden part of n; in a large layer with layer norm the hidden product
// before it, which a small one computes again: there the memory is slower than the products.
// On the way back the gates' gradients take their gates' place.
#pragma once

#include <cmath>

#include "gemm.h"
#include "kernels.h"
#include "problem.h"

namespace yeoul {
namespace YEOUL_ISA {

constexpr double EPSILON = 1e-5;  // of the layer norms

template <typename T>
struct Layout {
    Cell cell;
    ptrdiff_t hidden, gates, padded, width, features, features_padded, extra, raw, entry;
    bool norm, keeps_raw;
    explicit Layout(const Problem<T>& p)
        : cell(p.cell),
          hidden(p.hidden),
          gates(gates_of(p.cell)),
          padded(up(p.hidden)),
          width(gates * padded),
          features(p.features),
          features_padded(up(p.features)),
          extra(width),
          raw(width + (p.cell == Cell::rnn ? 0 : padded)),
          norm(p.gain_ih != nullptr),
          keeps_raw(norm && p.hidden >= 128) {
        entry = raw + (keeps_raw ? width : 0);
    }
    static ptrdiff_t up(ptrdiff_t size) { return (size + WIDTH<T> - 1) / WIDTH<T> * WIDTH<T>; }
};

// Weights as the products and the cells want them, in one buffer.
template <typename T>
struct Packed {
    T *real, *gain_ih, *bias_ih, *gain_hh, *bias_n, *gain_cell, *bias_cell;  // padded vectors; real: 1, padding: 0
    T *mean_ih, *mean_hh;  // of the gates that are normed together, for each column
    T *w_hh, *w_ih, *w_hh_back, *w_ih_back;
    T* end;
    Packed(const Layout<T>& l, T* at) {
        auto take = [&](ptrdiff_t size) {
            T* here = at;
            at += size;
            return here;
        };
        real = take(l.width), gain_ih = take(l.width), bias_ih = take(l.width), gain_hh = take(l.width);
        bias_n = take(l.padded), gain_cell = take(l.padded), bias_cell = take(l.padded);
        mean_ih = take(l.norm ? 2 * l.features_padded : 0), mean_hh = take(l.norm ? 2 * l.padded : 0);
        w_hh = take(l.hidden * l.width), w_hh_back = take(l.width * l.padded);
        w_ih = take(l.features * l.width), w_ih_back = take(l.width * l.features_padded);
        end = at;
    }
};

// ---- layer norm ----
//
// The weights are laid out less the mean of the gates that are normed together, so that a product comes without a mean.
// Rows are taken together, stage by stage: the sum along a row is a chain of waiting, and many chains wait at once.

// Gates that are normed together, as places in a padded row: all; of the GRU r and z, and n by itself.
struct Together {
    ptrdiff_t from, to, count;
};

template <typename T>
INLINE ptrdiff_t together(const Layout<T>& l, Together (&groups)[2]) {
    const ptrdiff_t first = l.cell == Cell::gru ? 2 : l.gates;
    groups[0] = {0, first * l.padded, first * l.hidden};
    groups[1] = {first * l.padded, l.width, (l.gates - first) * l.hidden};
    return first < l.gates ? 2 : 1;
}

template <typename T>
INLINE void inverse_roots(T* squares, ptrdiff_t rows, ptrdiff_t count) {
    for (ptrdiff_t r = 0; r < rows; ++r) squares[r] = T(1) / std::sqrt(squares[r] / T(count) + T(EPSILON));
}

// Scale each row of products to a mean square of one, put the gain and, where there is one, the bias to it.
template <typename T>
static void norm_rows(const Layout<T>& l, ptrdiff_t rows, T* products, const T* gain, const T* bias) {
    Together groups[2];
    const ptrdiff_t count = together(l, groups);
    T scales[CHUNK];
    for (ptrdiff_t k = 0; k < count; ++k) {
        const Together group = groups[k];
        for (ptrdiff_t r = 0; r < rows; ++r) {
            Vec<T> squares{};
            for (ptrdiff_t j = group.from; j < group.to; j += WIDTH<T>) {
                const Vec<T> value = load(products + r * l.width + j);
                squares += value * value;
            }
            scales[r] = sum<T>(squares);
        }
        inverse_roots(scales, rows, group.count);
        for (ptrdiff_t r = 0; r < rows; ++r)
            for (ptrdiff_t j = group.from; j < group.to; j += WIDTH<T>) {
                T* at = products + r * l.width + j;
                const Vec<T> normed = load(at) * (load(gain + j) * scales[r]);
                store(at, bias ? normed + load(bias + j) : normed);
            }
    }
}

// Rows that lie `stride` apart.
template <typename T>
struct Rows {
    const T* data;
    ptrdiff_t stride;
    const T* operator[](ptrdiff_t r) const { return data + r * stride; }
};

// From the gradients `given` of what `norm_rows` returned to those of the products before it (`raw`), and of the gain.
// The first may lie where `given` does.
template <typename T>
static void norm_rows_back(const Layout<T>& l, const Packed<T>& w, ptrdiff_t rows, Rows<T> given, Rows<T> raw,
                           const T* gain, T* gain_gradient, T* products) {
    Together groups[2];
    const ptrdiff_t count = together(l, groups);
    T scales[CHUNK], means[CHUNK], slopes[CHUNK];
    for (ptrdiff_t k = 0; k < count; ++k) {
        const Together group = groups[k];
        for (ptrdiff_t r = 0; r < rows; ++r) {
            Vec<T> squares{}, total{}, along{};
            for (ptrdiff_t j = group.from; j < group.to; j += WIDTH<T>) {
                const Vec<T> value = load(raw[r] + j), inner = load(given[r] + j) * load(gain + j);
                squares += value * value;
                total += inner;
                along += inner * value;
            }
            scales[r] = sum<T>(squares), means[r] = sum<T>(total), slopes[r] = sum<T>(along);
        }
        inverse_roots(scales, rows, group.count);
        for (ptrdiff_t r = 0; r < rows; ++r) {
            means[r] *= scales[r] / T(group.count);
            slopes[r] *= scales[r] * scales[r] * scales[r] / T(group.count);
        }
        for (ptrdiff_t j = group.from; j < group.to; j += WIDTH<T>) {
            Vec<T> total{};
            const Vec<T> factor = load(gain + j), real = load(w.real + j);
            for (ptrdiff_t r = 0; r < rows; ++r) {
                const Vec<T> scaled = load(given[r] + j) * scales[r], value = load(raw[r] + j);
                total += scaled * value;
                store(products + r * l.width + j, scaled * factor - means[r] * real - value * slopes[r]);
            }
            store(gain_gradient + j, load(gain_gradient + j) + total);
        }
    }
}

// The moments of some rows of cell states, `padded` apart, for the norm under the last tanh.
template <typename T>
struct Moments {
    T mean[TILE_ROWS], scale[TILE_ROWS];
    Moments(const Layout<T>& l, const Packed<T>& w, ptrdiff_t rows, const T* states) {
        for (ptrdiff_t r = 0; r < rows; ++r) {
            Vec<T> total{};
            for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>) total += load(states + r * l.padded + j);
            mean[r] = sum<T>(total) / T(l.hidden);
        }
        for (ptrdiff_t r = 0; r < rows; ++r) {
            Vec<T> squares{};
            for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>) {
                const Vec<T> apart = (load(states + r * l.padded + j) - mean[r]) * load(w.real + j);
                squares += apart * apart;
            }
            scale[r] = sum<T>(squares);
        }
        inverse_roots(scale, rows, l.hidden);
    }
    Vec<T> standardized(Vec<T> value, ptrdiff_t r, const T* real) const {
        return (value - mean[r]) * (scale[r] * load(real));
    }
};

// ---- zoneout ----

INLINE uint32_t mixed(uint32_t bits) {  // lowbias32 (Wellons 2018)
    bits = (bits ^ (bits >> 16)) * 0x7feb352dU;
    bits = (bits ^ (bits >> 15)) * 0x846ca68bU;
    return bits ^ (bits >> 16);
}

// The share of its last value that each unit keeps at a step; `which` tells h (0) from c (1).
template <typename T>
static void kept_shares(const Problem<T>& p, const Layout<T>& l, ptrdiff_t row, ptrdiff_t step, uint32_t which, T* shares) {
    const uint32_t base = mixed(mixed(uint32_t(row) ^ p.zone_seed) ^ uint32_t(step));
    for (ptrdiff_t j = 0; j < l.padded; ++j)
        shares[j] = p.zoneout == Zoneout::mean ? p.zone_share
                                               : T(mixed(base ^ (uint32_t(j) * 2 + which)) < p.zone_threshold);
}

// ---- the cells ----

// Where one row stands in one step. Without `kept_h` there is no zoneout.
template <typename T>
struct Step {
    const T* inputs;          // projected, with all biases but the GRU's of the hidden n
    T* product;               // of h with the recurrent weights; overwritten
    T *h, *c;                 // state
    T* entry;                 // kept for the way back
    T* outputs;               // (H), unpadded
    const T *kept_h, *kept_c; // shares
    T* fresh;                 // (padded), the cell state, where it is normed before it is shown; else null
};

template <typename T>
INLINE Vec<T> activated(Vec<T> x, bool relu) {
    return relu ? (x < T(0) ? Vec<T>{} : x) : tanh<T>(x);
}

template <typename T>
INLINE Vec<T> slope(Vec<T> y, bool relu) {  // of the nonlinearity whose value is y
    return relu ? (y > T(0) ? all(T(1)) : Vec<T>{}) : T(1) - y * y;
}

template <typename T>
INLINE Vec<T> mixed_with(Vec<T> last, Vec<T> fresh, const T* kept, ptrdiff_t j) {
    if (!kept) return fresh;
    const Vec<T> share = load(kept + j);
    return share * last + (T(1) - share) * fresh;
}

template <typename T>
static void lstm_step(const Layout<T>& l, const Step<T>& s) {
    const ptrdiff_t n = l.padded;
    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
        auto gate = [&](ptrdiff_t g) { return load(s.inputs + g * n + j) + load(s.product + g * n + j); };
        const Vec<T> i = sigmoid<T>(gate(0)), f = sigmoid<T>(gate(1)), g = tanh<T>(gate(2)), o = sigmoid<T>(gate(3));
        const Vec<T> last = load(s.c + j), fresh = f * last + i * g;
        store(s.entry + j, i);
        store(s.entry + n + j, f);
        store(s.entry + 2 * n + j, g);
        store(s.entry + 3 * n + j, o);
        const Vec<T> c = mixed_with(last, fresh, s.kept_c, j);
        store(s.c + j, c);
        store(s.entry + l.extra + j, c);
        if (s.fresh) {
            store(s.fresh + j, fresh);
        } else {
            const Vec<T> h = mixed_with(load(s.h + j), o * tanh<T>(fresh), s.kept_h, j);
            store(s.h + j, h);
            store_part(s.outputs + j, h, l.hidden - j);
        }
    }
}

// The LSTM's h where the cell states, left in `states`, are normed before they are shown.
template <typename T>
static void lstm_show(const Layout<T>& l, const Packed<T>& w, ptrdiff_t rows, const Step<T>* steps, const T* states) {
    const Moments<T> of(l, w, rows, states);
    for (ptrdiff_t r = 0; r < rows; ++r) {
        const Step<T>& s = steps[r];
        for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>) {
            const Vec<T> there = of.standardized(load(states + r * l.padded + j), r, w.real + j);
            const Vec<T> shown = tanh<T>(there * load(w.gain_cell + j) + load(w.bias_cell + j));
            const Vec<T> h = mixed_with(load(s.h + j), load(s.entry + 3 * l.padded + j) * shown, s.kept_h, j);
            store(s.h + j, h);
            store_part(s.outputs + j, h, l.hidden - j);
        }
    }
}

template <typename T>
static void gru_step(const Layout<T>& l, const Packed<T>& w, const Step<T>& s, bool relu) {
    const ptrdiff_t n = l.padded;
    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
        const Vec<T> r = sigmoid<T>(load(s.inputs + j) + load(s.product + j));
        const Vec<T> z = sigmoid<T>(load(s.inputs + n + j) + load(s.product + n + j));
        const Vec<T> hidden = load(s.product + 2 * n + j) + load(w.bias_n + j);
        const Vec<T> fresh = activated<T>(load(s.inputs + 2 * n + j) + r * hidden, relu);
        const Vec<T> last = load(s.h + j);
        store(s.entry + j, r);
        store(s.entry + n + j, z);
        store(s.entry + 2 * n + j, fresh);
        store(s.entry + l.extra + j, hidden);
        const Vec<T> h = mixed_with(last, fresh + z * (last - fresh), s.kept_h, j);
        store(s.h + j, h);
        store_part(s.outputs + j, h, l.hidden - j);
    }
}

template <typename T>
static void rnn_step(const Layout<T>& l, const Step<T>& s, bool relu) {
    for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>) {
        const Vec<T> fresh = activated<T>(load(s.inputs + j) + load(s.product + j), relu);
        store(s.entry + j, fresh);
        const Vec<T> h = mixed_with(load(s.h + j), fresh, s.kept_h, j);
        store(s.h + j, h);
        store_part(s.outputs + j, h, l.hidden - j);
    }
}

// One row of one step on the way back. `h` and `c` hold the gradients of the state after the step and take those of
// the state before it, but for what flows through the recurrent product.
template <typename T>
struct BackStep {
    const T* outputs;          // gradient, (H), unpadded; null: none
    T *h, *c;                  // gradients of the state
    T* entry;                  // gates, to become their gradients
    T* product;                // gradient of the hidden product, where it is not that of the gates; else null
    const T *h_last, *c_last;  // the state before the step, padded
    const T *kept_h, *kept_c;
    T* bias_n;                 // gradient, added up
};

template <typename T>
INLINE Vec<T> through(Vec<T> gradient, const T* kept, ptrdiff_t j) {  // what goes on to the fresh value
    return kept ? (T(1) - load(kept + j)) * gradient : gradient;
}

template <typename T>
INLINE Vec<T> beside(Vec<T> gradient, const T* kept, ptrdiff_t j) {  // and what to the kept one
    return kept ? load(kept + j) * gradient : Vec<T>{};
}

template <typename T>
INLINE Vec<T> arriving(const BackStep<T>& s, const Layout<T>& l, ptrdiff_t j) {
    const Vec<T> h = load(s.h + j);
    return s.outputs ? h + load_part(s.outputs + j, l.hidden - j) : h;
}

// The LSTM's cell state as a step computed it, before zoneout.
template <typename T>
INLINE Vec<T> lstm_fresh(const Layout<T>& l, const BackStep<T>& s, ptrdiff_t j) {
    const T *i = s.entry + j, *f = i + l.padded, *g = f + l.padded;
    return load(f) * load(s.c_last + j) + load(i) * load(g);
}

// From h to what is shown of the cell state, whose tanh is `t`; the gradient of o takes o's place.
template <typename T>
INLINE Vec<T> lstm_shown_back(const Layout<T>& l, const BackStep<T>& s, ptrdiff_t j, Vec<T> t) {
    T* const o = s.entry + 3 * l.padded + j;
    const Vec<T> given = arriving(s, l, j), dh = through(given, s.kept_h, j), out = load(o);
    store(s.h + j, beside(given, s.kept_h, j));
    store(o, dh * t * out * (T(1) - out));
    return dh * out * (T(1) - t * t);
}

// From what is shown of the cell state, and what comes from the step after, to the other gates and the state before.
template <typename T>
INLINE void lstm_fresh_back(const Layout<T>& l, const BackStep<T>& s, ptrdiff_t j, Vec<T> shown) {
    T *i = s.entry + j, *f = i + l.padded, *g = f + l.padded;
    const Vec<T> given = load(s.c + j), d = shown + through(given, s.kept_c, j);
    const Vec<T> in = load(i), forget = load(f), fresh_gate = load(g);
    store(s.c + j, d * forget + beside(given, s.kept_c, j));
    store(i, d * fresh_gate * in * (T(1) - in));
    store(f, d * load(s.c_last + j) * forget * (T(1) - forget));
    store(g, d * in * (T(1) - fresh_gate * fresh_gate));
}

template <typename T>
INLINE void lstm_back(const Layout<T>& l, const BackStep<T>& s) {
    for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>)
        lstm_fresh_back(l, s, j, lstm_shown_back(l, s, j, tanh<T>(lstm_fresh(l, s, j))));
}

// The rows of a step together, where the cell states are normed before they are shown. `room`: two padded rows for each.
template <typename T>
static void lstm_norm_back(const Layout<T>& l, const Packed<T>& w, ptrdiff_t rows, const BackStep<T>* steps,
                           T* gain_gradient, T* bias_gradient, T* room) {
    const ptrdiff_t n = l.padded;
    T *standard = room, *shown = room + rows * n, means[TILE_ROWS], slopes[TILE_ROWS];
    for (ptrdiff_t r = 0; r < rows; ++r)
        for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) store(standard + r * n + j, lstm_fresh(l, steps[r], j));
    const Moments<T> of(l, w, rows, standard);
    for (ptrdiff_t r = 0; r < rows; ++r) {
        Vec<T> total{}, along{};
        for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
            const Vec<T> there = of.standardized(load(standard + r * n + j), r, w.real + j), gain = load(w.gain_cell + j);
            const Vec<T> d = lstm_shown_back(l, steps[r], j, tanh<T>(there * gain + load(w.bias_cell + j)));
            store(standard + r * n + j, there);
            store(shown + r * n + j, d);
            total += d * gain;
            along += d * gain * there;
        }
        means[r] = sum<T>(total) / T(l.hidden), slopes[r] = sum<T>(along) / T(l.hidden);
    }
    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
        Vec<T> gains{}, biases{};
        const Vec<T> gain = load(w.gain_cell + j), real = load(w.real + j);
        for (ptrdiff_t r = 0; r < rows; ++r) {
            const Vec<T> d = load(shown + r * n + j), there = load(standard + r * n + j);
            gains += d * there;
            biases += d;
            lstm_fresh_back(l, steps[r], j, (d * gain - means[r] - there * slopes[r]) * (of.scale[r] * real));
        }
        store(gain_gradient + j, load(gain_gradient + j) + gains);
        store(bias_gradient + j, load(bias_gradient + j) + biases);
    }
}

template <typename T>
INLINE void gru_back(const Layout<T>& l, const BackStep<T>& s, bool relu) {
    const ptrdiff_t n = l.padded;
    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
        const Vec<T> given = arriving(s, l, j), dh = through(given, s.kept_h, j);
        const Vec<T> reset = load(s.entry + j), update = load(s.entry + n + j), value = load(s.entry + 2 * n + j);
        store(s.h + j, beside(given, s.kept_h, j) + dh * update);
        const Vec<T> d = dh * (T(1) - update) * slope<T>(value, relu), hidden = d * reset;
        const Vec<T> dr = d * load(s.entry + l.extra + j) * reset * (T(1) - reset);
        const Vec<T> dz = dh * (load(s.h_last + j) - value) * update * (T(1) - update);
        store(s.entry + j, dr);
        store(s.entry + n + j, dz);
        store(s.entry + 2 * n + j, d);
        store(s.product + j, dr);
        store(s.product + n + j, dz);
        store(s.product + 2 * n + j, hidden);
        store(s.bias_n + j, load(s.bias_n + j) + hidden);
    }
}

template <typename T>
INLINE void rnn_back(const Layout<T>& l, const BackStep<T>& s, bool relu) {
    for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>) {
        const Vec<T> given = arriving(s, l, j), dh = through(given, s.kept_h, j);
        store(s.h + j, beside(given, s.kept_h, j));
        store(s.entry + j, dh * slope<T>(load(s.entry + j), relu));
    }
}

template <typename T>
INLINE void step_forward(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w, const Step<T>& s) {
    switch (p.cell) {
        case Cell::lstm: return lstm_step(l, s);
        case Cell::gru: return gru_step(l, w, s, p.relu);
        case Cell::rnn: return rnn_step(l, s, p.relu);
    }
}

template <typename T>
INLINE void step_back(const Problem<T>& p, const Layout<T>& l, const BackStep<T>& s) {
    switch (p.cell) {
        case Cell::lstm: return lstm_back(l, s);
        case Cell::gru: return gru_back(l, s, p.relu);
        case Cell::rnn: return rnn_back(l, s, p.relu);
    }
}

}  // namespace YEOUL_ISA
}  // namespace yeoul
