// The time loop, forwards and back, over one tile of rows; compiled once for each instruction set.

#include "cells.h"
#include "kernels.h"

namespace yeoul {
namespace YEOUL_ISA {
namespace {

constexpr ptrdiff_t AHEAD = 4;  // rows that are fetched before their turn

template <typename T>
class Room {  // cuts a task's scratch buffer up
  public:
    explicit Room(T* at) : at_(at) {}
    T* take(ptrdiff_t size) {
        T* here = at_;
        at_ += Layout<T>::up(size);
        return here;
    }
    T* zeros(ptrdiff_t size) {
        T* here = take(size);
        clear(here, size);
        return here;
    }

  private:
    T* at_;
};

template <typename T>
struct TilePartial {
    T *w_hh, *bias_n, *gain_hh, *gain_cell, *bias_cell, *end;
    TilePartial(const Layout<T>& l, T* at)
        : w_hh(at),
          bias_n(w_hh + l.hidden * l.width),
          gain_hh(bias_n + l.padded),
          gain_cell(gain_hh + l.width),
          bias_cell(gain_cell + l.padded),
          end(bias_cell + l.padded) {}
};

template <typename T>
struct InputPartial {
    T *w_ih, *bias, *gain, *end;  // bias is the last row of w_ih
    InputPartial(const Layout<T>& l, T* at)
        : w_ih(at), bias(at + l.features * l.width), gain(bias + l.width), end(gain + l.width) {}
};

template <typename T>
Sizes sizes(const Problem<T>& p) {
    const Layout<T> l(p);
    Sizes s;
    s.entry = l.entry;
    s.projected = l.width;
    s.packed = Packed<T>(l, nullptr).end - static_cast<T*>(nullptr);
    s.tile_partial = TilePartial<T>(l, nullptr).end - static_cast<T*>(nullptr);
    s.input_partial = InputPartial<T>(l, nullptr).end - static_cast<T*>(nullptr);
    const ptrdiff_t entry = 2 * l.width + l.features + 1 + l.features_padded + l.width + l.padded;
    s.scratch = (CHUNK + 1) * (entry + 4 * l.padded + l.width + 5 * WIDTH<T>) + 16 * (l.entry + l.padded);
    return s;
}

// ---- weights ----

template <typename T>
void pack_vectors(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w) {
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

template <typename T>
void pack_inputs(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w) {
    pack_columns(l.features, l.width / WIDTH<T>, w.w_ih,
                 [&](ptrdiff_t n) { return weights_row(l, p.w_ih, l.features, n); });
}

template <typename T>
void pack_forward(const Problem<T>& p, T* packed) {
    const Layout<T> l(p);
    const Packed<T> w(l, packed);
    pack_vectors(p, l, w);
    if (p.thin) return;
    pack_inputs(p, l, w);
    pack_columns(l.hidden, l.width / WIDTH<T>, w.w_hh,
                 [&](ptrdiff_t n) { return weights_row(l, p.w_hh, l.hidden, n); });
}

template <typename T>
void pack_backward(const Problem<T>& p, bool inputs, T* packed) {
    const Layout<T> l(p);
    const Packed<T> w(l, packed);
    pack_vectors(p, l, w);
    if (l.norm) pack_inputs(p, l, w);
    pack_rows(l.width, l.padded / WIDTH<T>, w.w_hh_back, l.hidden,
              [&](ptrdiff_t k) { return weights_row(l, p.w_hh, l.hidden, k); });
    if (!inputs) return;
    pack_rows(l.width, l.features_padded / WIDTH<T>, w.w_ih_back, l.features,
              [&](ptrdiff_t k) { return weights_row(l, p.w_ih, l.features, k); });
}

// For so few rows that laying the weights out would cost more than the product.
template <typename T>
void multiply_thin(const Layout<T>& l, ptrdiff_t rows, const T* a, ptrdiff_t stride, const T* weights,
                   ptrdiff_t columns, T* c) {
    for (ptrdiff_t row = 0; row < rows; ++row)
        for (ptrdiff_t n = 0; n < l.width; ++n) {
            const T* from = weights_row(l, weights, columns, n);
            c[row * l.width + n] = from ? dot(a + row * stride, from, columns) : T(0);
        }
}

// ---- inputs ----

template <typename T>
INLINE void put_input(const Layout<T>& l, const T* from, T* to) {  // a row of inputs and the one that meets the biases
    std::memcpy(to, from, l.features * sizeof(T));
    to[l.features] = T(1);
}

template <typename T>
void project_rows(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w, const T* inputs, ptrdiff_t count,
                  T* projected) {
    if (p.thin) {
        multiply_thin(l, count, inputs, l.features + 1, p.w_ih, l.features, projected);
    } else {
        if (!l.norm)
            for (ptrdiff_t row = 0; row < count; ++row)
                std::memcpy(projected + row * l.width, w.bias_ih, l.width * sizeof(T));
        multiply<T>(count, l.features, l.width / WIDTH<T>, {inputs, l.features + 1, 1}, w.w_ih, 0, projected, l.width,
                    !l.norm);
    }
    for (ptrdiff_t row = 0; row < count && (l.norm || p.thin); ++row) {
        T* at = projected + row * l.width;
        if (l.norm) {
            norm_gates(l, w, at, w.gain_ih, w.bias_ih);
        } else {
            for (ptrdiff_t n = 0; n < l.width; n += WIDTH<T>) store(at + n, load(at + n) + load(w.bias_ih + n));
        }
    }
}

// From the gradients of projected rows (`stride` apart) to those of the input weights and, if wanted, of the inputs.
template <typename T>
void project_rows_back(const Layout<T>& l, const Packed<T>& w, const T* inputs, ptrdiff_t count, const T* gradients,
                       ptrdiff_t stride, const InputPartial<T>& partial, T* input_gradients, Room<T> room) {
    if (l.norm) {
        T *raw = room.take(count * l.width), *through = room.take(count * l.width);
        multiply<T>(count, l.features, l.width / WIDTH<T>, {inputs, l.features + 1, 1}, w.w_ih, 0, raw, l.width, false);
        for (ptrdiff_t row = 0; row < count; ++row) {
            T* gradient = through + row * l.width;
            for (ptrdiff_t n = 0; n < l.width; n += WIDTH<T>) {
                store(gradient + n, load(gradients + row * stride + n));
                store(partial.bias + n, load(partial.bias + n) + load(gradient + n));
            }
            norm_gates_back(l, w, raw + row * l.width, w.gain_ih, gradient, partial.gain);
        }
        gradients = through, stride = l.width;
    }
    multiply<T>(l.features + (l.norm ? 0 : 1), count, l.width / WIDTH<T>, {inputs, 1, l.features + 1}, gradients, stride,
                partial.w_ih, l.width, true);
    if (input_gradients)
        multiply<T>(count, l.width, l.features_padded / WIDTH<T>, {gradients, stride, 1}, w.w_ih_back, 0,
                    input_gradients, l.features_padded, false);
}

template <typename T>
void project(const Problem<T>& p, const Plan& plan, ptrdiff_t from, ptrdiff_t to, const Buffers<T>& b, T* scratch) {
    const Layout<T> l(p);
    const Packed<T> w(l, b.packed);
    T* inputs = Room<T>(scratch).take(CHUNK * (l.features + 1));
    for (ptrdiff_t start = from; start < to; start += CHUNK) {
        const ptrdiff_t count = to - start < CHUNK ? to - start : CHUNK;
        for (ptrdiff_t row = 0; row < count; ++row)
            put_input(l, p.table + plan.distinct[start + row] * l.features, inputs + row * (l.features + 1));
        project_rows(p, l, w, inputs, count, b.projected + start * l.width);
    }
}

// ---- the loop ----

template <typename T>
void load_row(const Layout<T>& l, const T* from, T* to) {
    for (ptrdiff_t j = 0; j < l.padded; j += WIDTH<T>) store(to + j, load_part(from + j, l.hidden - j));
}

template <typename T>
void store_row(const Layout<T>& l, const T* from, T* to) {
    std::memcpy(to, from, l.hidden * sizeof(T));
}

// Where the rows of a tile stand in the batch.
template <typename T>
struct Places {
    const Problem<T>& p;
    const int32_t* order;
    ptrdiff_t row(ptrdiff_t r) const { return order[r]; }
    ptrdiff_t at(ptrdiff_t r, ptrdiff_t step) const {  // index into (B·T)
        return row(r) * p.steps + (p.reverse ? p.lengths[row(r)] - 1 - step : step);
    }
};

template <typename T>
void gather_inputs(const Layout<T>& l, const Places<T>& places, const Tile& tile, ptrdiff_t from, ptrdiff_t to,
                   T* inputs) {
    for (ptrdiff_t step = from; step < to; ++step)
        for (ptrdiff_t r = 0; r < tile.active(step); ++r, inputs += l.features + 1)
            put_input(l, places.p.values + places.at(r, step) * l.features, inputs);
}

template <typename T>
void forward(const Problem<T>& p, const Plan& plan, const Tile& tile, const Buffers<T>& b, T* scratch) {
    const Layout<T> l(p);
    const Packed<T> w(l, b.packed);
    const Places<T> places{p, plan.order.data() + tile.first};
    const ptrdiff_t n = l.padded;
    Room<T> room(scratch);
    T *h = room.take(tile.rows * n), *c = room.zeros(tile.rows * n), *entering = p.mask ? room.take(tile.rows * n) : h;
    T *product = room.take(tile.rows * l.width), *entry = room.take(l.entry), *spare = room.take(2 * n);
    T *kept_h = p.zoneout == Zoneout::none ? nullptr : room.take(n), *kept_c = kept_h ? room.take(n) : nullptr;
    T *inputs = nullptr, *projected = nullptr;
    if (!p.table) inputs = room.take(CHUNK * (l.features + 1)), projected = room.take(CHUNK * l.width);
    for (ptrdiff_t r = 0; r < tile.rows; ++r) {
        load_row(l, p.h0 + places.row(r) * l.hidden, h + r * n);
        if (p.c0) load_row(l, p.c0 + places.row(r) * l.hidden, c + r * n);
    }
    ptrdiff_t chunk_end = 0, chunk_first = 0;
    for (ptrdiff_t step = 0; step < tile.steps(); ++step) {
        const ptrdiff_t active = tile.active(step);
        if (!p.table && step == chunk_end) {
            chunk_first = tile.offsets[step];
            while (chunk_end < tile.steps() && tile.offsets[chunk_end + 1] - chunk_first <= CHUNK) ++chunk_end;
            gather_inputs(l, places, tile, step, chunk_end, inputs);
            project_rows(p, l, w, inputs, tile.offsets[chunk_end] - chunk_first, projected);
        }
        if (p.mask)
            for (ptrdiff_t r = 0; r < active; ++r)
                for (ptrdiff_t j = 0; j < n; j += WIDTH<T>)
                    store(entering + r * n + j,
                          load(h + r * n + j) * load_part(p.mask + places.row(r) * l.hidden + j, l.hidden - j));
        if (p.thin)
            multiply_thin(l, active, entering, n, p.w_hh, l.hidden, product);
        else
            multiply<T>(active, l.hidden, l.width / WIDTH<T>, {entering, n, 1}, w.w_hh, 0, product, l.width, false);
        for (ptrdiff_t r = 0; r < active; ++r) {
            const ptrdiff_t index = tile.offsets[step] + r;
            if (kept_h) kept_shares(p, l, places.row(r), step, 0, kept_h);
            if (kept_h && p.cell == Cell::lstm) kept_shares(p, l, places.row(r), step, 1, kept_c);
            if (p.table && r + AHEAD < active) prefetch(b.projected + plan.place[index + AHEAD] * l.width, l.width);
            Step<T> s;
            s.inputs = p.table ? b.projected + plan.place[index] * l.width : projected + (index - chunk_first) * l.width;
            s.product = product + r * l.width;
            s.h = h + r * n, s.c = c + r * n;
            s.entry = b.kept ? b.kept + index * l.entry : entry;
            s.outputs = p.outputs + places.at(r, step) * l.hidden;
            s.kept_h = kept_h, s.kept_c = kept_c, s.room = spare;
            step_forward(p, l, w, s);
        }
    }
    for (ptrdiff_t r = 0; r < tile.rows; ++r) {
        const ptrdiff_t row = places.row(r), length = p.lengths[row];
        store_row(l, h + r * n, p.h_last + row * l.hidden);
        if (p.c_last) store_row(l, c + r * n, p.c_last + row * l.hidden);
        clear(p.outputs + (row * p.steps + length) * l.hidden, (p.steps - length) * l.hidden);
    }
}

template <typename T>
void backward(const Problem<T>& p, const Gradients<T>& g, const Plan& plan, ptrdiff_t number, const Buffers<T>& b,
              T* scratch) {
    const Tile& tile = plan.tiles[number];
    const Layout<T> l(p);
    const Packed<T> w(l, b.packed);
    const Places<T> places{p, plan.order.data() + tile.first};
    const ptrdiff_t n = l.padded;
    const bool apart = l.norm || p.cell == Cell::gru;  // the hidden product's gradient is not that of the gates
    Room<T> room(scratch);
    T *h = room.zeros(tile.rows * n), *c = room.zeros(tile.rows * n), *back = room.take(tile.rows * n);
    T *h_last = room.take(n), *c_first = room.zeros(n), *spare = room.take(2 * n);
    T *kept_h = p.zoneout == Zoneout::none ? nullptr : room.take(n), *kept_c = kept_h ? room.take(n) : nullptr;
    T *entering = room.take(CHUNK * n), *products = apart ? room.take(CHUNK * l.width) : nullptr;
    T *inputs = p.table ? nullptr : room.take(CHUNK * (l.features + 1));
    T *input_gradients = g.values ? room.take(CHUNK * l.features_padded) : nullptr;
    const Sizes size = sizes(p);
    const TilePartial<T> partial(l, b.tile_partials + number * size.tile_partial);
    clear(partial.w_hh, size.tile_partial);
    const InputPartial<T> input_partial(l, b.input_partials + (p.table ? 0 : number * size.input_partial));
    if (!p.table) clear(input_partial.w_ih, size.input_partial);
    for (ptrdiff_t r = 0; r < tile.rows; ++r) {
        if (g.h_last) load_row(l, g.h_last + places.row(r) * l.hidden, h + r * n);
        if (g.c_last) load_row(l, g.c_last + places.row(r) * l.hidden, c + r * n);
    }
    for (ptrdiff_t end = tile.steps(); end > 0;) {
        ptrdiff_t start = end - 1;
        while (start > 0 && tile.offsets[end] - tile.offsets[start - 1] <= CHUNK) --start;
        const ptrdiff_t first = tile.offsets[start], count = tile.offsets[end] - first;
        const T* gradients = apart ? products : b.kept + first * l.entry;
        const ptrdiff_t stride = apart ? l.width : l.entry;
        for (ptrdiff_t step = end - 1; step >= start; --step) {
            const ptrdiff_t active = tile.active(step), offset = tile.offsets[step] - first;
            for (ptrdiff_t r = 0; r < active; ++r) {
                const ptrdiff_t row = places.row(r), index = tile.offsets[step] + r;
                load_row(l, step ? p.outputs + places.at(r, step - 1) * l.hidden : p.h0 + row * l.hidden, h_last);
                T* enters = entering + (offset + r) * n;
                for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
                    const Vec<T> last = load(h_last + j);
                    store(enters + j, p.mask ? last * load_part(p.mask + row * l.hidden + j, l.hidden - j) : last);
                }
                if (!step && p.c0) load_row(l, p.c0 + row * l.hidden, c_first);
                if (kept_h) kept_shares(p, l, row, step, 0, kept_h);
                if (kept_h && p.cell == Cell::lstm) kept_shares(p, l, row, step, 1, kept_c);
                if (step) {
                    prefetch(b.kept + (tile.offsets[step - 1] + r) * l.entry, l.entry);
                    if (g.outputs) prefetch(g.outputs + places.at(r, step - 1) * l.hidden, l.hidden);
                }
                BackStep<T> s;
                s.outputs = g.outputs ? g.outputs + places.at(r, step) * l.hidden : nullptr;
                s.h = h + r * n, s.c = c + r * n;
                s.entry = b.kept + index * l.entry;
                s.product = apart ? products + (offset + r) * l.width : nullptr;
                s.h_last = h_last;
                s.c_last = step ? b.kept + (tile.offsets[step - 1] + r) * l.entry + l.extra : c_first;
                s.kept_h = kept_h, s.kept_c = kept_c, s.room = spare;
                s.bias_n = partial.bias_n, s.gain_hh = partial.gain_hh;
                s.gain_cell = partial.gain_cell, s.bias_cell = partial.bias_cell;
                step_back(p, l, w, s);
            }
            const Matrix<T> given{gradients + offset * stride, stride, 1};
            if (p.mask) {
                multiply<T>(active, l.width, n / WIDTH<T>, given, w.w_hh_back, 0, back, n, false);
                for (ptrdiff_t r = 0; r < active; ++r)
                    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>)
                        store(h + r * n + j,
                              load(h + r * n + j) + load(back + r * n + j) * load_part(p.mask + places.row(r) * l.hidden + j,
                                                                                       l.hidden - j));
            } else {
                multiply<T>(active, l.width, n / WIDTH<T>, given, w.w_hh_back, 0, h, n, true);
            }
        }
        multiply<T>(l.hidden, count, l.width / WIDTH<T>, {entering, 1, n}, gradients, stride, partial.w_hh, l.width, true);
        if (!p.table) {
            gather_inputs(l, places, tile, start, end, inputs);
            project_rows_back(l, w, inputs, count, b.kept + first * l.entry, l.entry, input_partial, input_gradients,
                              room);
            const T* from = input_gradients;
            if (from)
                for (ptrdiff_t step = start; step < end; ++step)
                    for (ptrdiff_t r = 0; r < tile.active(step); ++r, from += l.features_padded)
                        std::memcpy(g.values + places.at(r, step) * l.features, from, l.features * sizeof(T));
        }
        end = start;
    }
    for (ptrdiff_t r = 0; r < tile.rows; ++r) {
        const ptrdiff_t row = places.row(r), length = p.lengths[row];
        store_row(l, h + r * n, g.h0 + row * l.hidden);
        if (g.c0) store_row(l, c + r * n, g.c0 + row * l.hidden);
        if (g.values)
            clear(g.values + (row * p.steps + length) * l.features, (p.steps - length) * l.features);
    }
}

// Add up each distinct token's gradients, and go on to the input weights and the table.
template <typename T>
void gather(const Problem<T>& p, const Gradients<T>& g, const Plan& plan, ptrdiff_t from, ptrdiff_t to,
            ptrdiff_t group, const Buffers<T>& b, T* scratch) {
    const Layout<T> l(p);
    const Packed<T> w(l, b.packed);
    Room<T> room(scratch);
    T *inputs = room.take(CHUNK * (l.features + 1)), *gradients = room.take(CHUNK * l.width);
    T* input_gradients = g.table ? room.take(CHUNK * l.features_padded) : nullptr;
    const Sizes size = sizes(p);
    const InputPartial<T> partial(l, b.input_partials + group * size.input_partial);
    clear(partial.w_ih, size.input_partial);
    for (ptrdiff_t start = from; start < to; start += CHUNK) {
        const ptrdiff_t count = to - start < CHUNK ? to - start : CHUNK;
        for (ptrdiff_t row = 0; row < count; ++row) {
            put_input(l, p.table + plan.distinct[start + row] * l.features, inputs + row * (l.features + 1));
            T* total = gradients + row * l.width;
            clear(total, l.width);
            for (ptrdiff_t k = plan.first[start + row]; k < plan.first[start + row + 1]; ++k) {
                const T* entry = b.kept + plan.occurrences[k] * l.entry;
                if (k + AHEAD < plan.entries) prefetch(b.kept + plan.occurrences[k + AHEAD] * l.entry, l.width);
                for (ptrdiff_t n = 0; n < l.width; n += WIDTH<T>) store(total + n, load(total + n) + load(entry + n));
            }
        }
        project_rows_back(l, w, inputs, count, gradients, l.width, partial, input_gradients, room);
        if (g.table)
            for (ptrdiff_t row = 0; row < count; ++row)
                std::memcpy(g.table + plan.distinct[start + row] * l.features,
                            input_gradients + row * l.features_padded, l.features * sizeof(T));
    }
}

// ---- sums over tiles and groups, in their order ----

template <typename T>
void add_up(T* partials, ptrdiff_t size, ptrdiff_t count) {
    for (ptrdiff_t k = 1; k < count; ++k)
        for (ptrdiff_t n = 0; n < size; n += WIDTH<T>) store(partials + n, load(partials + n) + load(partials + k * size + n));
}

template <typename T>
void unpack(const Layout<T>& l, const T* transposed, ptrdiff_t columns, T* weights) {
    for (ptrdiff_t g = 0; g < l.gates; ++g)
        for (ptrdiff_t j = 0; j < l.hidden; ++j)
            for (ptrdiff_t k = 0; k < columns; ++k)
                weights[(g * l.hidden + j) * columns + k] = transposed[k * l.width + g * l.padded + j];
}

template <typename T>
void reduce(const Problem<T>& p, const Gradients<T>& g, ptrdiff_t tiles, ptrdiff_t groups, const Buffers<T>& b) {
    const Layout<T> l(p);
    const Sizes size = sizes(p);
    add_up(b.tile_partials, size.tile_partial, tiles);
    add_up(b.input_partials, size.input_partial, groups);
    const TilePartial<T> tile(l, b.tile_partials);
    const InputPartial<T> input(l, b.input_partials);
    unpack(l, tile.w_hh, l.hidden, g.w_hh);
    unpack(l, input.w_ih, l.features, g.w_ih);
    unpack(l, input.bias, 1, g.b_ih);
    unpack(l, input.bias, 1, g.b_hh);
    if (p.cell == Cell::gru) store_row(l, tile.bias_n, g.b_hh + 2 * l.hidden);
    if (!l.norm) return;
    unpack(l, input.gain, 1, g.gain_ih);
    unpack(l, tile.gain_hh, 1, g.gain_hh);
    if (g.gain_cell) store_row(l, tile.gain_cell, g.gain_cell);
    if (g.bias_cell) store_row(l, tile.bias_cell, g.bias_cell);
}

template <typename T>
constexpr Kernels<T> kernels() {
    return {WIDTH<T>,      sizes<T>,    pack_forward<T>, project<T>, forward<T>,
            pack_backward<T>, backward<T>, gather<T>,       reduce<T>};
}

}  // namespace

extern const Kernels<float> floats = kernels<float>();
extern const Kernels<double> doubles = kernels<double>();

}  // namespace YEOUL_ISA
}  // namespace yeoul
