// The time loop, forwards and back, over one tile of rows; compiled once for each instruction set.

#include "cells.h"
#include "kernels.h"
#include "weights.h"

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

// Without the weights where these do not go through partial sums.
template <typename T>
void clear_partial(bool thin, T* weights, T* vectors, T* end) {
    T* from = thin ? vectors : weights;
    clear(from, end - from);
}

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
    const ptrdiff_t row = 2 * l.entry + l.width + 10 * l.padded;
    s.scratch = (CHUNK + 1) * (entry + 4 * l.padded + l.width + 5 * WIDTH<T>) + TILE_ROWS * row;
    return s;
}

// ---- inputs ----

template <typename T>
INLINE const T* input_mask(const Problem<T>& p, ptrdiff_t row) {
    return p.input_mask ? p.input_mask + row * p.features : nullptr;
}

template <typename T>
INLINE void copy_masked(const T* from, const T* mask, ptrdiff_t count, T* to) {
    if (!mask) return void(std::memcpy(to, from, count * sizeof(T)));
    for (ptrdiff_t k = 0; k < count; ++k) to[k] = from[k] * mask[k];
}

// A row of inputs and the one that meets the biases.
template <typename T>
INLINE void put_input(const Problem<T>& p, const T* from, ptrdiff_t row, T* to) {
    copy_masked(from, input_mask(p, row), p.features, to);
    to[p.features] = T(1);
}

template <typename T>
INLINE void multiply_inputs(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w, const T* inputs,
                            ptrdiff_t count, T* projected, bool add) {
    if (!p.thin)
        return multiply<T>(count, l.features, l.width / WIDTH<T>, {inputs, l.features + 1, 1}, w.w_ih, 0, projected, l.width,
                           add);
    multiply_thin(l, count, inputs, l.features + 1, p.w_ih, l.features, projected);
    if (l.norm) center_rows(l, w, count, projected);
}

template <typename T>
void project_rows(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w, const T* inputs, ptrdiff_t count,
                  T* projected) {
    const bool from_biases = !l.norm && !p.thin;
    for (ptrdiff_t row = 0; row < count && from_biases; ++row)
        std::memcpy(projected + row * l.width, w.bias_ih, l.width * sizeof(T));
    multiply_inputs(p, l, w, inputs, count, projected, from_biases);
    if (l.norm) return norm_rows(l, count, projected, w.gain_ih, w.bias_ih);
    for (ptrdiff_t row = 0; row < count && !from_biases; ++row)
        add_scaled(T(1), w.bias_ih, l.width, projected + row * l.width);
}

// From the gradients of projected rows (`stride` apart) to those of the input weights and, if wanted, of the inputs.
template <typename T>
void project_rows_back(const Problem<T>& p, const Gradients<T>& g, const Layout<T>& l, const Packed<T>& w,
                       const T* inputs, ptrdiff_t count, const T* gradients, ptrdiff_t stride,
                       const InputPartial<T>& partial, T* input_gradients, Room<T> room) {
    if (l.norm) {
        T *raw = room.take(count * l.width), *through = room.take(count * l.width);
        multiply_inputs(p, l, w, inputs, count, raw, false);
        for (ptrdiff_t n = 0; n < l.width; n += WIDTH<T>) {
            Vec<T> total{};
            for (ptrdiff_t row = 0; row < count; ++row) total += load(gradients + row * stride + n);
            store(partial.bias + n, load(partial.bias + n) + total);
        }
        norm_rows_back<T>(l, w, count, {gradients, stride}, {raw, l.width}, w.gain_ih, partial.gain, through);
        gradients = through, stride = l.width;
    }
    if (p.thin) {
        gradient_thin(l, count, gradients, stride, inputs, l.features + 1, l.features, g.w_ih);
        for (ptrdiff_t row = 0; row < count && !l.norm; ++row) add_scaled(T(1), gradients + row * stride, l.width, partial.bias);
        if (!input_gradients) return;
        clear(input_gradients, count * l.features_padded);
        return multiply_thin_back(l, count, gradients, stride, p.w_ih, l.features, input_gradients, l.features_padded);
    }
    multiply<T>(l.features + (l.norm ? 0 : 1), count, l.width / WIDTH<T>, {inputs, 1, l.features + 1}, gradients, stride,
                partial.w_ih, l.width, true);
    if (input_gradients)
        multiply<T>(count, l.width, l.features_padded / WIDTH<T>, {gradients, stride, 1}, w.w_ih_back, 0,
                    input_gradients, l.features_padded, false);
}

// A distinct token's row of inputs.
template <typename T>
void put_token(const Problem<T>& p, const Plan& plan, ptrdiff_t token, T* to) {
    put_input(p, p.table + plan.distinct[token] * p.features, p.input_mask ? plan.owner[token] : 0, to);
}

// From where `b.projected` begins.
template <typename T>
void project(const Problem<T>& p, const Plan& plan, ptrdiff_t from, ptrdiff_t to, const Buffers<T>& b, T* scratch) {
    const Layout<T> l(p);
    const Packed<T> w(l, b.packed);
    T* inputs = Room<T>(scratch).take(CHUNK * (l.features + 1));
    for (ptrdiff_t start = from; start < to; start += CHUNK) {
        const ptrdiff_t count = to - start < CHUNK ? to - start : CHUNK;
        for (ptrdiff_t row = 0; row < count; ++row) put_token(p, plan, start + row, inputs + row * (l.features + 1));
        project_rows(p, l, w, inputs, count, b.projected + (start - from) * l.width);
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

// The products of the rows that enter a step with the recurrent weights; with layer norm, without their mean.
template <typename T>
INLINE void multiply_hidden(const Problem<T>& p, const Layout<T>& l, const Packed<T>& w, const T* entering, ptrdiff_t count,
                            T* product) {
    if (!p.thin)
        return multiply<T>(count, l.hidden, l.width / WIDTH<T>, {entering, l.padded, 1}, w.w_hh, 0, product, l.width,
                           false);
    multiply_thin(l, count, entering, l.padded, p.w_hh, l.hidden, product);
    if (l.norm) center_rows(l, w, count, product);
}

template <typename T>
void gather_inputs(const Layout<T>& l, const Places<T>& places, const Tile& tile, ptrdiff_t from, ptrdiff_t to,
                   T* inputs) {
    for (ptrdiff_t step = from; step < to; ++step)
        for (ptrdiff_t r = 0; r < tile.active(step); ++r, inputs += l.features + 1)
            put_input(places.p, places.p.values + places.at(r, step) * l.features, places.row(r), inputs);
}

template <typename T>
void forward(const Problem<T>& p, const Plan& plan, const Tile& tile, const Buffers<T>& b, T* scratch) {
    const Layout<T> l(p);
    const Packed<T> w(l, b.packed);
    const Places<T> places{p, plan.order.data() + tile.first};
    const ptrdiff_t n = l.padded;
    const bool shows = l.norm && p.cell == Cell::lstm;
    Room<T> room(scratch);
    T *h = room.take(tile.rows * n), *c = room.zeros(tile.rows * n), *entering = p.mask ? room.take(tile.rows * n) : h;
    T *product = room.take(tile.rows * l.width), *fresh = shows ? room.take(tile.rows * n) : nullptr;
    T* entries = b.kept ? nullptr : room.take(tile.rows * l.entry);
    T *kept_h = p.zoneout == Zoneout::none ? nullptr : room.take(tile.rows * n);
    T *kept_c = kept_h ? room.take(tile.rows * n) : nullptr;
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
        multiply_hidden(p, l, w, entering, active, product);
        T* const kept = b.kept ? b.kept + tile.offsets[step] * l.entry : entries;
        for (ptrdiff_t r = 0; r < active && l.keeps_raw; ++r)
            std::memcpy(kept + r * l.entry + l.raw, product + r * l.width, l.width * sizeof(T));
        if (l.norm) norm_rows(l, active, product, w.gain_hh, static_cast<const T*>(nullptr));
        Step<T> steps[TILE_ROWS];
        for (ptrdiff_t r = 0; r < active; ++r) {
            const ptrdiff_t index = tile.offsets[step] + r, ahead = index + AHEAD;
            if (p.table && r + AHEAD < active)
                prefetch(b.projected + (plan.place[ahead] - tile.tokens_from) * l.width, l.width);
            Step<T> s;
            s.inputs = p.table ? b.projected + (plan.place[index] - tile.tokens_from) * l.width
                               : projected + (index - chunk_first) * l.width;
            s.product = product + r * l.width;
            s.h = h + r * n, s.c = c + r * n;
            s.entry = kept + r * l.entry;
            s.outputs = p.outputs + places.at(r, step) * l.hidden;
            s.kept_h = kept_h ? kept_h + r * n : nullptr, s.kept_c = kept_h ? kept_c + r * n : nullptr;
            s.fresh = shows ? fresh + r * n : nullptr;
            if (kept_h) kept_shares(p, l, places.row(r), step, 0, kept_h + r * n);
            if (kept_h && p.cell == Cell::lstm) kept_shares(p, l, places.row(r), step, 1, kept_c + r * n);
            step_forward(p, l, w, s);
            if (shows) steps[r] = s;
        }
        if (shows) lstm_show(l, w, active, steps, fresh);
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
    const bool shows = l.norm && p.cell == Cell::lstm;
    const bool apart = l.norm || p.cell == Cell::gru;  // the hidden product's gradient is not that of the gates
    Room<T> room(scratch);
    T *h = room.zeros(tile.rows * n), *c = room.zeros(tile.rows * n), *back = room.take(tile.rows * n);
    T *h_last = room.take(n), *c_first = room.zeros(tile.rows * n);
    T *kept_h = p.zoneout == Zoneout::none ? nullptr : room.take(tile.rows * n);
    T *kept_c = kept_h ? room.take(tile.rows * n) : nullptr;
    T *shown = l.norm ? room.take(2 * tile.rows * n) : nullptr;
    T *raw = l.norm && !l.keeps_raw ? room.take(tile.rows * l.width) : nullptr;
    T *entering = room.take(CHUNK * n), *products = apart ? room.take(CHUNK * l.width) : nullptr;
    T *inputs = p.table ? nullptr : room.take(CHUNK * (l.features + 1));
    T *input_gradients = g.values ? room.take(CHUNK * l.features_padded) : nullptr;
    const Sizes size = sizes(p);
    const TilePartial<T> partial(l, b.tile_partials + number * size.tile_partial);
    clear_partial(p.thin, partial.w_hh, partial.bias_n, partial.end);
    const InputPartial<T> input_partial(l, b.input_partials + (p.table ? 0 : number * size.input_partial));
    if (!p.table) clear_partial(p.thin, input_partial.w_ih, input_partial.bias, input_partial.end);
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
            BackStep<T> steps[TILE_ROWS];
            for (ptrdiff_t r = 0; r < active; ++r) {
                const ptrdiff_t row = places.row(r), index = tile.offsets[step] + r;
                load_row(l, step ? p.outputs + places.at(r, step - 1) * l.hidden : p.h0 + row * l.hidden, h_last);
                T* enters = entering + (offset + r) * n;
                for (ptrdiff_t j = 0; j < n; j += WIDTH<T>) {
                    const Vec<T> last = load(h_last + j);
                    store(enters + j, p.mask ? last * load_part(p.mask + row * l.hidden + j, l.hidden - j) : last);
                }
                if (!step && p.c0) load_row(l, p.c0 + row * l.hidden, c_first + r * n);
                if (kept_h) kept_shares(p, l, row, step, 0, kept_h + r * n);
                if (kept_h && p.cell == Cell::lstm) kept_shares(p, l, row, step, 1, kept_c + r * n);
                if (step) {
                    prefetch(b.kept + (tile.offsets[step - 1] + r) * l.entry, l.entry);
                    if (g.outputs) prefetch(g.outputs + places.at(r, step - 1) * l.hidden, l.hidden);
                    if (step > 1) prefetch(p.outputs + places.at(r, step - 2) * l.hidden, l.hidden);
                }
                BackStep<T> s;
                s.outputs = g.outputs ? g.outputs + places.at(r, step) * l.hidden : nullptr;
                s.h = h + r * n, s.c = c + r * n;
                s.entry = b.kept + index * l.entry;
                s.product = apart ? products + (offset + r) * l.width : nullptr;
                s.h_last = h_last;
                s.c_last = step ? b.kept + (tile.offsets[step - 1] + r) * l.entry + l.extra : c_first + r * n;
                s.kept_h = kept_h ? kept_h + r * n : nullptr, s.kept_c = kept_h ? kept_c + r * n : nullptr;
                s.bias_n = partial.bias_n;
                if (shows)
                    steps[r] = s;
                else
                    step_back(p, l, s);
            }
            if (shows) lstm_norm_back(l, w, active, steps, partial.gain_cell, partial.bias_cell, shown);
            if (l.norm) {
                T *const kept = b.kept + tile.offsets[step] * l.entry, *const product = products + offset * l.width;
                if (raw) multiply_hidden(p, l, w, entering + offset * n, active, raw);
                const Rows<T> before = raw ? Rows<T>{raw, l.width} : Rows<T>{kept + l.raw, l.entry};
                const Rows<T> after = p.cell == Cell::gru ? Rows<T>{product, l.width} : Rows<T>{kept, l.entry};
                norm_rows_back(l, w, active, after, before, w.gain_hh, partial.gain_hh, product);
            }
            const T* given = gradients + offset * stride;
            auto multiply_back = [&](T* to, bool add) {
                if (!p.thin) return multiply<T>(active, l.width, n / WIDTH<T>, {given, stride, 1}, w.w_hh_back, 0, to, n, add);
                if (!add) clear(to, active * n);
                multiply_thin_back(l, active, given, stride, p.w_hh, l.hidden, to, n);
            };
            if (p.mask) {
                multiply_back(back, false);
                for (ptrdiff_t r = 0; r < active; ++r)
                    for (ptrdiff_t j = 0; j < n; j += WIDTH<T>)
                        store(h + r * n + j,
                              load(h + r * n + j) + load(back + r * n + j) * load_part(p.mask + places.row(r) * l.hidden + j,
                                                                                       l.hidden - j));
            } else {
                multiply_back(h, true);
            }
        }
        if (p.thin)
            gradient_thin(l, count, gradients, stride, entering, n, l.hidden, g.w_hh);
        else
            multiply<T>(l.hidden, count, l.width / WIDTH<T>, {entering, 1, n}, gradients, stride, partial.w_hh, l.width, true);
        if (!p.table) {
            gather_inputs(l, places, tile, start, end, inputs);
            project_rows_back(p, g, l, w, inputs, count, b.kept + first * l.entry, l.entry, input_partial, input_gradients,
                              room);
            const T* from = input_gradients;
            if (from)
                for (ptrdiff_t step = start; step < end; ++step)
                    for (ptrdiff_t r = 0; r < tile.active(step); ++r, from += l.features_padded)
                        copy_masked(from, input_mask(p, places.row(r)), l.features,
                                    g.values + places.at(r, step) * l.features);
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

// Add up what stands at some of a token's occurrences.
template <typename T>
void add_occurrences(const Layout<T>& l, const Plan& plan, ptrdiff_t from, ptrdiff_t to, const T* kept, T* total) {
    for (ptrdiff_t k = from; k < to; ++k) {
        if (k + AHEAD < plan.entries) prefetch(kept + plan.occurrences.places[k + AHEAD] * l.entry, l.width);
        add_scaled(T(1), kept + plan.occurrences.places[k] * l.entry, l.width, total);
    }
}

template <typename T>
void gather_piece(const Problem<T>& p, const Plan& plan, ptrdiff_t piece, const Buffers<T>& b) {
    const Layout<T> l(p);
    T* total = b.pieces + piece * l.width;
    clear(total, l.width);
    add_occurrences(l, plan, plan.pieces[piece].from, plan.pieces[piece].to, b.kept, total);
}

// Add up each distinct token's gradients, and go on to the input weights and the table.
template <typename T>
void gather(const Problem<T>& p, const Gradients<T>& g, const Plan& plan, ptrdiff_t group, const Buffers<T>& b,
            T* scratch) {
    const Layout<T> l(p);
    const Packed<T> w(l, b.packed);
    Room<T> room(scratch);
    T *inputs = room.take(CHUNK * (l.features + 1)), *gradients = room.take(CHUNK * l.width);
    T* input_gradients = g.table ? room.take(CHUNK * l.features_padded) : nullptr;
    const Sizes size = sizes(p);
    const InputPartial<T> partial(l, b.input_partials + group * size.input_partial);
    clear_partial(p.thin, partial.w_ih, partial.bias, partial.end);
    const ptrdiff_t to = plan.groups[group + 1];
    for (ptrdiff_t start = plan.groups[group]; start < to; start += CHUNK) {
        const ptrdiff_t count = to - start < CHUNK ? to - start : CHUNK;
        for (ptrdiff_t row = 0; row < count; ++row) {
            const ptrdiff_t token = start + row, pieces = plan.first_piece[token + 1] - plan.first_piece[token];
            put_token(p, plan, token, inputs + row * (l.features + 1));
            T* total = gradients + row * l.width;
            clear(total, l.width);
            if (!pieces) add_occurrences(l, plan, plan.occurrences.first[token], plan.occurrences.first[token + 1], b.kept, total);
            for (ptrdiff_t k = 0; k < pieces; ++k)
                add_scaled(T(1), b.pieces + (plan.first_piece[token] + k) * l.width, l.width, total);
        }
        project_rows_back(p, g, l, w, inputs, count, gradients, l.width, partial, input_gradients, room);
        for (ptrdiff_t row = 0; row < count && g.table; ++row) {
            const ptrdiff_t token = start + row;
            const T* from = input_gradients + row * l.features_padded;
            if (p.input_mask)
                copy_masked(from, input_mask(p, plan.owner[token]), l.features, b.input_gradients + token * l.features);
            else
                std::memcpy(g.table + plan.distinct[token] * l.features, from, l.features * sizeof(T));
        }
    }
}

// Add up the table's gradients over the rows whose masks told a token apart.
template <typename T>
void share_out(const Problem<T>& p, const Gradients<T>& g, const Plan& plan, Part part, const Buffers<T>& b) {
    const ptrdiff_t tokens = ptrdiff_t(plan.shared.size());
    for (ptrdiff_t token = part.from(tokens); token < part.to(tokens); ++token)
        for (ptrdiff_t k = plan.sharing.first[token]; k < plan.sharing.first[token + 1]; ++k)
            add_scaled(T(1), b.input_gradients + plan.sharing.places[k] * p.features, p.features,
                       g.table + plan.shared[token] * p.features);
}

// ---- sums over tiles and groups, in their order ----

template <typename T>
void add_up(Part part, T* partials, ptrdiff_t size, ptrdiff_t count) {
    const ptrdiff_t vectors = size / WIDTH<T>, from = part.from(vectors) * WIDTH<T>, to = part.to(vectors) * WIDTH<T>;
    for (ptrdiff_t k = 1; k < count; ++k)
        for (ptrdiff_t n = from; n < to; n += WIDTH<T>)
            store(partials + n, load(partials + n) + load(partials + k * size + n));
}

template <typename T>
void reduce(const Problem<T>& p, Part part, ptrdiff_t tiles, ptrdiff_t groups, const Buffers<T>& b) {
    const Sizes size = sizes(p);
    add_up(part, b.tile_partials, size.tile_partial, tiles);
    add_up(part, b.input_partials, size.input_partial, groups);
}

template <typename T>
void unpack_all(const Problem<T>& p, Part part, const Gradients<T>& g, const Buffers<T>& b) {
    const Layout<T> l(p);
    const TilePartial<T> tile(l, b.tile_partials);
    const InputPartial<T> input(l, b.input_partials);
    if (!p.thin) unpack(part, l, tile.w_hh, l.hidden, g.w_hh);
    if (!p.thin) unpack(part, l, input.w_ih, l.features, g.w_ih);
    if (part.number > 0) return;
    const Part whole{0, 1};
    unpack(whole, l, input.bias, 1, g.b_ih);
    unpack(whole, l, input.bias, 1, g.b_hh);
    if (p.cell == Cell::gru) store_row(l, tile.bias_n, g.b_hh + 2 * l.hidden);
    if (!l.norm) return;
    unpack(whole, l, input.gain, 1, g.gain_ih);
    unpack(whole, l, tile.gain_hh, 1, g.gain_hh);
    if (g.gain_cell) store_row(l, tile.gain_cell, g.gain_cell);
    if (g.bias_cell) store_row(l, tile.bias_cell, g.bias_cell);
}

template <typename T>
constexpr Kernels<T> kernels() {
    return {WIDTH<T>,      sizes<T>,    average<T>, pack_forward<T>, project<T>, forward<T>,
            pack_backward<T>, backward<T>, gather_piece<T>, gather<T>, share_out<T>, reduce<T>, unpack_all<T>};
}

}  // namespace

extern const Kernels<float> floats = kernels<float>();
extern const Kernels<double> doubles = kernels<double>();

}  // namespace YEOUL_ISA
}  // namespace yeoul
