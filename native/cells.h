// One step of one row of a cell, forwards and back, on buffers padded to whole vectors.
//
// What is kept of a step for the way back, in this order: the gates after their nonlinearities (G gates, each padded);
// of the LSTM c after the step, of the GRU the hidden part of n; with layer norm the standardized hidden product and
// the scales (see `Scales`).
// On the way back the gates' gradients take their gates' place.
#pragma once

#include <cmath>

#include "gemm.h"
#include "problem.h"

namespace yeoul {
namespace YEOUL_ISA {

constexpr double EPSILON = 1e-5;  // of the layer norms

// Places of what the norms of a step divided by, and of the mean that the cell state's took away.
struct Scales {
    enum { gates, n, cell, cell_mean };
    static constexpr ptrdiff_t COUNT = 4;
};

template <typename T>
struct Layout {
    Cell cell;
    ptrdiff_t hidden, gates, padded, width, features, features_padded, extra, standard, scales, entry;
    bool norm;
    explicit Layout(const Problem<T>& p)
        : cell(p.cell),
          hidden(p.hidden),
          gates(gates_of(p.cell)),
          padded(up(p.hidden)),
          width(gates * padded),
          features(p.features),
          features_padded(up(p.features)),
          extra(width),
          standard(width + (p.cell == Cell::rnn ? 0 : padded)),
          scales(standard + (p.gain_ih ? width : 0)),
          entry(scales + (p.gain_ih ? up(Scales::COUNT) : 0)),
          norm(p.gain_ih != nullptr) {}
    static ptrdiff_t up(ptrdiff_t size) { return (size + WIDTH<T> - 1) / WIDTH<T> * WIDTH<T>; }
};

// Weights as the products and the cells want them, in one buffer.
template <typename T>
struct Packed {
    T *real, *gain_ih, *bias_ih, *gain_hh, *bias_n, *gain_cell, *bias_cell;  // padded vectors; real: 1, padding: 0
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
        w_hh = take(l.hidden * l.width), w_hh_back = take(l.width * l.padded);
        w_ih = take(l.features * l.width), w_ih_back = take(l.width * l.features_padded);
        end = at;
    }
};

// ---- layer norm of `count` real numbers standing in `size` places ----

template <typename T>
struct Moments {
    T mean, scale;
};

template <typename T>
INLINE Moments<T> moments(const T* row, const T* real, ptrdiff_t size, ptrdiff_t count) {
    Vec<T> total{}, squares{};
    for (ptrdiff_t j = 0; j < size; j += WIDTH<T>) total += load(row + j);
    const T mean = sum<T>(total) / T(count);
    for (ptrdiff_t j = 0; j < size; j += WIDTH<T>) {
        const Vec<T> apart = (load(row + j) - mean) * load(real + j);
        squares += apart * apart;
    }
    return {mean, T(1) / std::sqrt(sum<T>(squares) / T(count) + T(EPSILON))};
}

template <typename T>
INLINE Vec<T> standardized(Vec<T> value, const Moments<T>& of, const T* real) {
    return (value - of.mean) * of.scale * load(real);
}

// `standard` and `row` may be the same. Returns the scale.
template <typename T>
INLINE T standardize(const T* row, const T* real, ptrdiff_t size, ptrdiff_t count, T* standard) {
    const Moments<T> of = moments(row, real, size, count);
    for (ptrdiff_t j = 0; j < size; j += WIDTH<T>) store(standard + j, standardized(load(row + j), of, real + j));
    return of.scale;
}

// The gradient of what was normed becomes that of what came in; the gain's is added up.
template <typename T>
INLINE void standardize_back(const T* standard, T scale, const T* real, const T* gain, T* gradient, T* gain_gradient,
                             ptrdiff_t size, ptrdiff_t count) {
    Vec<T> total{}, along{};
    for (ptrdiff_t j = 0; j < size; j += WIDTH<T>) {
        const Vec<T> given = load(gradient + j), there = load(standard + j), inner = given * load(gain + j);
        store(gain_gradient + j, load(gain_gradient + j) + given * there);
        total += inner;
        along += inner * there;
    }
    const T mean = sum<T>(total) / T(count), slope = sum<T>(along) / T(count);
    for (ptrdiff_t j = 0; j < size; j += WIDTH<T>) {
        const Vec<T> inner = load(gradient + j) * load(gain + j);
        store(gradient + j, (inner - mean - load(standard + j) * slope) * scale * load(real + j));
    }
}

// The gates of a row together; the GRU's r and z together and n by itself.
template <typename T>
INLINE void standardize_gates(const Layout<T>& l, const Packed<T>& w, const T* row, T* standard, T* scales) {
    const ptrdiff_t cut = l.cell == Cell::gru ? 2 * l.padded : l.width;
    scales[Scales::gates] = standardize(row, w.real, cut, cut / l.padded * l.hidden, standard);
    if (cut < l.width) scales[Scales::n] = standardize(row + cut, w.real + cut, l.padded, l.hidden, standard + cut);
}

template <typename T>
INLINE void standardize_gates_back(const Layout<T>& l, const Packed<T>& w, const T* standard, const T* scales,
                                   const T* gain, T* gradient, T* gain_gradient) {
    const ptrdiff_t cut = l.cell == Cell::gru ? 2 * l.padded : l.width;
    standardize_back(standard, scales[Scales::gates], w.real, gain, gradient, gain_gradient, cut,
                     cut / l.padded * l.hidden);
    if (cut < l.width)
        standardize_back(standard + cut, scales[Scales::n], w.real + cut, gain + cut, gradient + cut,
                         gain_gradient + cut, l.padded, l.hidden);
}

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
    T* room;                  // two padded rows
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
        if (l.norm) {
            store(s.room + j, fresh);
        } else {
            const Vec<T> h = mixed_with(load(s.h + j), o * tanh<T>(fresh), s.kept_h, j);
            store(s.h + j, h);
            store_part(s.outputs + j, h, l.hidden - j);
        }
    }
}

// The LSTM's h where the cell state, left in `room`, is normed before it is shown.
template <typename T>
static void lstm_show(const Layout<T>& l, const Packed<T>& w, const Step<T>& s) {
    const Moments<T> of = moments(s.room, w.real, l.padded, l.hidden);
    s.entry[l.scales + Scales::cell] = of.scale;
    s.entry[l.scales + Scales::cell_mean] = of.mean;
    for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>) {
        const Vec<T> normed = standardized(load(s.room + j), of, w.real + j) * load(w.gain_cell + j) + load(w.bias_cell + j);
        const Vec<T> h = mixed_with(load(s.h + j), load(s.entry + 3 * l.padded + j) * tanh<T>(normed), s.kept_h, j);
        store(s.h + j, h);
        store_part(s.outputs + j, h, l.hidden - j);
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
    T* room;
    T *bias_n, *gain_hh, *gain_cell, *bias_cell;  // gradients, added up
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

template <typename T>
INLINE void lstm_back(const Layout<T>& l, const Packed<T>& w, const BackStep<T>& s) {
    const ptrdiff_t n = l.padded;
    T *i = s.entry, *f = i + n, *g = f + n, *o = g + n;
    const Moments<T> of{l.norm ? s.entry[l.scales + Scales::cell_mean] : T(0), l.norm ? s.entry[l.scales + Scales::cell] : T(1)};
    auto fresh = [&](ptrdiff_t j) { return load(f + j) * load(s.c_last + j) + load(i + j) * load(g + j); };
    auto shown_back = [&](ptrdiff_t j, Vec<T> t) {  // the gradient of what is shown; writes that of o
        const Vec<T> given = arriving(s, l, j), dh = through(given, s.kept_h, j), out = load(o + j);
        store(s.h + j, beside(given, s.kept_h, j));
        store(o + j, dh * t * out * (T(1) - out));
        return dh * out * (T(1) - t * t);
    };
    auto fresh_back = [&](ptrdiff_t j, Vec<T> shown) {
        const Vec<T> given = load(s.c + j), d = shown + through(given, s.kept_c, j);
        const Vec<T> in = load(i + j), forget = load(f + j), fresh_gate = load(g + j);
        store(s.c + j, d * forget + beside(given, s.kept_c, j));
        store(i + j, d * fresh_gate * in * (T(1) - in));
        store(f + j, d * load(s.c_last + j) * forget * (T(1) - forget));
        store(g + j, d * in * (T(1) - fresh_gate * fresh_gate));
    };
    if (!l.norm) {
        for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) fresh_back(j, shown_back(j, tanh<T>(fresh(j))));
        return;
    }
    T *standard = s.room, *shown = s.room + n;
    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
        const Vec<T> there = standardized(fresh(j), of, w.real + j);
        const Vec<T> d = shown_back(j, tanh<T>(there * load(w.gain_cell + j) + load(w.bias_cell + j)));
        store(standard + j, there);
        store(shown + j, d);
        store(s.bias_cell + j, load(s.bias_cell + j) + d);
    }
    standardize_back(standard, of.scale, w.real, w.gain_cell, shown, s.gain_cell, n, l.hidden);
    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) fresh_back(j, load(shown + j));
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
INLINE void step_back(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w, const BackStep<T>& s) {
    switch (p.cell) {
        case Cell::lstm: return lstm_back(l, w, s);
        case Cell::gru: return gru_back(l, s, p.relu);
        case Cell::rnn: return rnn_back(l, s, p.relu);
    }
}

// After `step_back`, with layer norm: from the gradient of the normed hidden product to that of the raw one.
template <typename T>
INLINE void norm_back(const Layout<T>& l, const Packed<T>& w, const BackStep<T>& s) {
    if (l.cell != Cell::gru) std::memcpy(s.product, s.entry, l.width * sizeof(T));
    standardize_gates_back(l, w, s.entry + l.standard, s.entry + l.scales, w.gain_hh, s.product, s.gain_hh);
}

}  // namespace YEOUL_ISA
}  // namespace yeoul
