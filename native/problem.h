// What one call computes: plain pointers and sizes, shared by the binding and by every instruction set's kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace yeoul {

enum class Cell { lstm, gru, rnn };
enum class Zoneout { none, mean, drawn };

inline int gates_of(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

// Null pointers stand for what is not there or not wanted.
template <typename T>
struct Problem {
    Cell cell;
    bool relu = false, reverse = false;
    bool thin = false;                        // so few steps that the weights are used as they lie
    ptrdiff_t rows, steps, features, hidden;  // B, T, D, H
    const int64_t* lengths;                   // (B)
    const T* values = nullptr;                // (B, T, D), or
    const T* table = nullptr;                 // (V, D) with
    const int64_t* ids = nullptr;             // (B, T)
    const T *w_ih, *w_hh, *b_ih, *b_hh;       // PyTorch's
    const T *gain_ih = nullptr, *gain_hh = nullptr, *gain_cell = nullptr, *bias_cell = nullptr;
    const T* mask = nullptr;        // (B, H), on h before the recurrent product
    const T* input_mask = nullptr;  // (B, D), on every input of a row
    Zoneout zoneout = Zoneout::none;
    T zone_share = 0;
    uint32_t zone_seed = 0, zone_threshold = 0;
    const T *h0, *c0 = nullptr;  // (B, H)
    T *outputs, *h_last, *c_last = nullptr;  // (B, T, H), (B, H): written forwards; outputs are read backwards
};

template <typename T>
struct Gradients {
    const T *outputs = nullptr, *h_last = nullptr, *c_last = nullptr;  // given
    T *values = nullptr, *table = nullptr;                            // wanted; the table's must be zeros
    T *w_ih, *w_hh, *b_ih, *b_hh;
    T *gain_ih = nullptr, *gain_hh = nullptr, *gain_cell = nullptr, *bias_cell = nullptr;
    T *h0, *c0 = nullptr;
};

// One of several equal parts of work on weights.
struct Part {
    ptrdiff_t number, count;
    ptrdiff_t from(ptrdiff_t size) const { return size * number / count; }
    ptrdiff_t to(ptrdiff_t size) const { return size * (number + 1) / count; }
};

// Rows of neighboring length that one thread takes through all steps. Row `r` of step `s` is the entry
// `offsets[s] + r` of what is kept, for r < offsets[s + 1] - offsets[s]: a row drops out when it ends.
struct Tile {
    ptrdiff_t first, rows;
    std::vector<ptrdiff_t> offsets;
    ptrdiff_t tokens_from = 0, tokens_to = 0;  // its own distinct tokens, where each row has its own
    ptrdiff_t steps() const { return ptrdiff_t(offsets.size()) - 1; }
    ptrdiff_t active(ptrdiff_t step) const { return offsets[step + 1] - offsets[step]; }
};

constexpr ptrdiff_t PIECE = 512;

// Some occurrences of a frequent token (padding is one): summed by themselves, so that threads share the work and a
// long sum does not lose its small terms.
struct Piece {
    ptrdiff_t from, to;
};

// Places of equal number, number by number.
struct Grouped {
    std::vector<ptrdiff_t> first;    // (numbers + 1): where a number's places begin
    std::vector<int32_t> places;
};

// How the work is cut: by the sizes alone, never by the number of threads, so that every sum has one order.
struct Plan {
    std::vector<int32_t> order;  // rows, longest first
    std::vector<Tile> tiles;
    ptrdiff_t entries = 0;  // sum of the lengths
    // distinct tokens of a batch of ids, in the order in which they first occur in (row, step)
    std::vector<int64_t> distinct;         // ids
    std::vector<int32_t> place;            // (entries): which distinct token stands there
    Grouped occurrences;                   // entries by token
    // where an input mask tells a token of one row from that of another
    std::vector<int32_t> owner;            // (distinct): the row
    std::vector<int64_t> shared;           // ids, once for all rows
    Grouped sharing;                       // distinct tokens by those
    std::vector<Piece> pieces;             // of the tokens with more than PIECE occurrences, token by token
    std::vector<ptrdiff_t> first_piece;    // (distinct + 1): where a token's pieces begin
    std::vector<ptrdiff_t> groups;         // (groups + 1): tokens that one thread takes together
};

Plan make_plan(ptrdiff_t rows, const int64_t* lengths, ptrdiff_t tile_rows);

// Of a batch of ids (B, T); with `by_row` a token of one row is another than that of the next.
struct Ids {
    const int64_t *data, *lengths;
    ptrdiff_t steps;
    bool reverse, by_row;
};
void find_distinct(Plan& plan, const Ids& ids, bool backward);

}  // namespace yeoul
