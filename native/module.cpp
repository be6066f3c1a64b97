// The binding: checks what comes from Python, cuts the work up and runs it without the interpreter's lock.

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <initializer_list>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>

#include "kernels.h"
#include "parallel.h"
#include "problem.h"
#include "tensors.h"
#include "workspace.h"

namespace nb = nanobind;

namespace yeoul {

namespace {

template <typename T>
using Maybe = std::optional<Array<T>>;

template <typename T>
T* checked(const Array<T>& array, const char* name, std::initializer_list<ptrdiff_t> shape) {
    bool same = array.ndim() == shape.size();
    size_t axis = 0;
    for (ptrdiff_t size : shape) same = same && ptrdiff_t(array.shape(axis++)) == size;
    if (!same) {
        std::string message = std::string(name) + " has shape (";
        for (size_t k = 0; k < array.ndim(); ++k) message += (k ? ", " : "") + std::to_string(array.shape(k));
        message += "), expected (";
        size_t k = 0;
        for (ptrdiff_t size : shape) message += (k++ ? ", " : "") + std::to_string(size);
        throw std::invalid_argument(message + ")");
    }
    return array.data();
}

template <typename T>
T* checked(const Maybe<T>& array, const char* name, std::initializer_list<ptrdiff_t> shape) {
    return array ? checked(*array, name, shape) : nullptr;
}

struct Set {
    const char* name;
    const Kernels<float>* floats;
    const Kernels<double>* doubles;
};

std::vector<Set> instruction_sets() {  // widest first
    std::vector<Set> sets;
#if defined(YEOUL_X86)
    __builtin_cpu_init();
    const bool avx2_there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2_there && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        sets.push_back({"avx512", &avx512::floats, &avx512::doubles});
    if (avx2_there) sets.push_back({"avx2", &avx2::floats, &avx2::doubles});
#endif
    sets.push_back({"baseline", &baseline::floats, &baseline::doubles});
    return sets;
}

const std::vector<Set>& sets() {
    static const std::vector<Set> found = instruction_sets();
    return found;
}

template <typename T>
const Kernels<T>& kernels_of(const Set& set) {
    if constexpr (sizeof(T) == 4)
        return *set.floats;
    else
        return *set.doubles;
}

// The widest set whose vectors a small layer does not leave half empty; or the one asked for by name.
template <typename T>
const Kernels<T>& choose(const std::string& name, ptrdiff_t hidden) {
    const Kernels<T>* chosen = nullptr;
    for (const Set& set : sets()) {
        const Kernels<T>& found = kernels_of<T>(set);
        if (name == set.name) return found;
        if (!chosen || 2 * hidden <= chosen->width) chosen = &found;
    }
    if (!name.empty()) throw std::invalid_argument("instruction set " + name + " is not there");
    return *chosen;
}

Cell cell_of(const std::string& name) {
    if (name == "lstm") return Cell::lstm;
    if (name == "gru") return Cell::gru;
    if (name == "rnn") return Cell::rnn;
    throw std::invalid_argument("unknown cell " + name);
}

constexpr ptrdiff_t GROUPS = 8, THIN = 4, PARTS = 16, LARGE = 1 << 14;

// One run over all steps, and what it keeps for the way back. Arrays stay alive as long as this does.
template <typename T>
class Loop {
  public:
    using In = Array<const T>;

    Loop(const std::string& cell, bool relu, bool reverse, int threads, const std::string& instructions)
        : threads_(threads), instructions_(instructions) {
        p_.cell = cell_of(cell);
        p_.relu = relu;
        p_.reverse = reverse;
    }

    void weights(In w_ih, In w_hh, In b_ih, In b_hh) {
        if (w_ih.ndim() != 2 || w_hh.ndim() != 2) throw std::invalid_argument("weights must have two axes");
        const ptrdiff_t gates = gates_of(p_.cell);
        p_.hidden = ptrdiff_t(w_hh.shape(1));
        p_.features = ptrdiff_t(w_ih.shape(1));
        if (p_.hidden < 1 || p_.features < 1) throw std::invalid_argument("weights are empty");
        p_.w_ih = checked(w_ih, "weight_ih", {gates * p_.hidden, p_.features});
        p_.w_hh = checked(w_hh, "weight_hh", {gates * p_.hidden, p_.hidden});
        p_.b_ih = checked(b_ih, "bias_ih", {gates * p_.hidden});
        p_.b_hh = checked(b_hh, "bias_hh", {gates * p_.hidden});
        kernels_ = &choose<T>(instructions_, p_.hidden);
        keep({w_ih, w_hh, b_ih, b_hh});
    }

    void norm(In gain_ih, In gain_hh, std::optional<In> gain_cell, std::optional<In> bias_cell) {
        const ptrdiff_t width = gates_of(p_.cell) * p_.hidden;
        p_.gain_ih = checked(gain_ih, "gain_ih", {width});
        p_.gain_hh = checked(gain_hh, "gain_hh", {width});
        keep({gain_ih, gain_hh});
        if (p_.cell != Cell::lstm) return;
        if (!gain_cell || !bias_cell) throw std::invalid_argument("the LSTM's layer norm needs gain_cell and bias_cell");
        p_.gain_cell = checked(*gain_cell, "gain_cell", {p_.hidden});
        p_.bias_cell = checked(*bias_cell, "bias_cell", {p_.hidden});
        keep({*gain_cell, *bias_cell});
    }

    void dense(In values, Array<const int64_t> lengths) {
        if (values.ndim() != 3) throw std::invalid_argument("values must have three axes");
        p_.rows = ptrdiff_t(values.shape(0)), p_.steps = ptrdiff_t(values.shape(1));
        p_.values = checked(values, "values", {p_.rows, p_.steps, p_.features});
        keep({values});
        take_lengths(lengths);
    }

    void embedded(In table, Array<const int64_t> ids, Array<const int64_t> lengths) {
        if (table.ndim() != 2 || ids.ndim() != 2) throw std::invalid_argument("table and ids must have two axes");
        p_.rows = ptrdiff_t(ids.shape(0)), p_.steps = ptrdiff_t(ids.shape(1));
        symbols_ = ptrdiff_t(table.shape(0));
        p_.table = checked(table, "table", {symbols_, p_.features});
        p_.ids = ids.data();
        keep({table});
        whole_.push_back(ids);
        take_lengths(lengths);
        for (ptrdiff_t row = 0; row < p_.rows; ++row) {
            for (int64_t step = 0; step < p_.lengths[row]; ++step) {
                const int64_t id = p_.ids[row * p_.steps + step];
                if (id < 0 || id >= symbols_)
                    throw std::invalid_argument("id " + std::to_string(id) + " is not in a table of " +
                                                std::to_string(symbols_));
            }
        }
    }

    void initial(In h, std::optional<In> c) {
        p_.h0 = checked(h, "h", {p_.rows, p_.hidden});
        keep({h});
        if (p_.cell != Cell::lstm) return;
        if (!c) throw std::invalid_argument("the LSTM starts from h and c");
        p_.c0 = checked(*c, "c", {p_.rows, p_.hidden});
        keep({*c});
    }

    void recurrent_mask(In mask) {
        p_.mask = checked(mask, "mask", {p_.rows, p_.hidden});
        keep({mask});
    }

    void input_mask(In mask) {
        p_.input_mask = checked(mask, "input mask", {p_.rows, p_.features});
        keep({mask});
    }

    void zoneout(double share, std::optional<uint32_t> seed) {
        p_.zoneout = seed ? Zoneout::drawn : Zoneout::mean;
        p_.zone_share = T(share);
        p_.zone_seed = seed.value_or(0);
        p_.zone_threshold = uint32_t(share * 4294967296.0);
    }

    void forward(Array<T> outputs, Array<T> h_last, Maybe<T> c_last, bool for_backward) {
        p_.outputs = checked(outputs, "outputs", {p_.rows, p_.steps, p_.hidden});
        p_.h_last = checked(h_last, "h_last", {p_.rows, p_.hidden});
        p_.c_last = checked(c_last, "c_last", {p_.rows, p_.hidden});
        if (p_.cell == Cell::lstm && !c_last) throw std::invalid_argument("the LSTM ends in h and c");
        outputs_ = outputs;
        nb::gil_scoped_release release;
        sizes_ = kernels_->sizes(p_);
        const ptrdiff_t entries = std::accumulate(p_.lengths, p_.lengths + p_.rows, ptrdiff_t(0));
        p_.thin = entries > 0 && entries <= THIN;
        const ptrdiff_t least = p_.thin ? 1 : std::min<ptrdiff_t>(p_.rows, 2);
        const ptrdiff_t tiles = std::max((p_.rows + TILE_ROWS - 1) / TILE_ROWS, least);
        plan_ = make_plan(p_.rows, p_.lengths, tiles ? (p_.rows + tiles - 1) / tiles : 1);
        packed_ = buffer(sizes_.packed);
        const Buffer scratch = buffer(sizes_.scratch * threads_);
        Buffers<T> b;
        b.packed = packed_.template as<T>();
        if (p_.gain_ih) in_parts([&](Part part) { kernels_->average(p_, part, b.packed); });
        in_parts([&](Part part) { kernels_->pack_forward(p_, part, b.packed); });
        Buffer projected;
        ptrdiff_t most_tokens = 0;
        if (p_.table) {
            find_distinct(plan_, {p_.ids, p_.lengths, p_.steps, p_.reverse, p_.input_mask != nullptr}, for_backward);
            most_tokens = p_.input_mask ? most_tokens_of_a_tile() : ptrdiff_t(plan_.distinct.size());
            projected = buffer(sizes_.projected * most_tokens * (p_.input_mask ? threads_ : 1));
            b.projected = projected.template as<T>();
        }
        auto project = [&](ptrdiff_t from, ptrdiff_t to, ptrdiff_t place, int thread) {
            Buffers<T> own = b;
            own.projected += place * sizes_.projected;
            kernels_->project(p_, plan_, from, to, own, scratch.template as<T>() + thread * sizes_.scratch);
            return own;
        };
        const bool by_row = p_.table && p_.input_mask;
        const ptrdiff_t groups = p_.table && !by_row ? groups_of(most_tokens) : 0;
        parallel(groups, threads_, [&](ptrdiff_t group, int thread) {
            const ptrdiff_t from = most_tokens * group / groups;
            project(from, most_tokens * (group + 1) / groups, from, thread);
        });
        if (for_backward) kept_ = buffer(sizes_.entry * plan_.entries);
        b.kept = kept_.template as<T>();
        parallel(ptrdiff_t(plan_.tiles.size()), threads_, [&](ptrdiff_t number, int thread) {
            const Tile& tile = plan_.tiles[number];
            const Buffers<T> own = by_row ? project(tile.tokens_from, tile.tokens_to, thread * most_tokens, thread) : b;
            kernels_->forward(p_, plan_, tile, own, scratch.template as<T>() + thread * sizes_.scratch);
        });
        there_ = for_backward;
    }

    // `given` are the gradients of outputs, h and c; the others are where to put those of the inputs (or none), of the
    // weights in the order of `weights` and `norm`, and of the initial state. What was kept is used up.
    void backward(std::vector<std::optional<In>> given, Maybe<T> inputs, std::vector<Array<T>> weights,
                  std::vector<Array<T>> initial) {
        if (!there_) throw std::runtime_error("nothing is kept to go back over");
        const bool lstm = p_.cell == Cell::lstm;
        const size_t wanted = 4 + (p_.gain_ih ? 2 : 0) + (p_.gain_cell ? 2 : 0);
        if (given.size() != size_t(lstm ? 3 : 2) || weights.size() != wanted || initial.size() != size_t(lstm ? 2 : 1))
            throw std::invalid_argument("the number of gradients is not that of the tensors");
        const ptrdiff_t width = gates_of(p_.cell) * p_.hidden;
        Gradients<T> g;
        g.outputs = checked_given(given[0], "gradient of outputs", {p_.rows, p_.steps, p_.hidden});
        g.h_last = checked_given(given[1], "gradient of h", {p_.rows, p_.hidden});
        if (lstm) g.c_last = checked_given(given[2], "gradient of c", {p_.rows, p_.hidden});
        if (p_.table)
            g.table = checked(inputs, "gradient of table", {symbols_, p_.features});
        else
            g.values = checked(inputs, "gradient of values", {p_.rows, p_.steps, p_.features});
        g.w_ih = checked(weights[0], "gradient of weight_ih", {width, p_.features});
        g.w_hh = checked(weights[1], "gradient of weight_hh", {width, p_.hidden});
        g.b_ih = checked(weights[2], "gradient of bias_ih", {width});
        g.b_hh = checked(weights[3], "gradient of bias_hh", {width});
        if (p_.gain_ih) {
            g.gain_ih = checked(weights[4], "gradient of gain_ih", {width});
            g.gain_hh = checked(weights[5], "gradient of gain_hh", {width});
        }
        if (p_.gain_cell) {
            g.gain_cell = checked(weights[6], "gradient of gain_cell", {p_.hidden});
            g.bias_cell = checked(weights[7], "gradient of bias_cell", {p_.hidden});
        }
        g.h0 = checked(initial[0], "gradient of h", {p_.rows, p_.hidden});
        if (lstm) g.c0 = checked(initial[1], "gradient of c", {p_.rows, p_.hidden});
        there_ = false;
        nb::gil_scoped_release release;
        run_backward(g, inputs.has_value());
        kept_ = Buffer();
    }

  private:
    void run_backward(const Gradients<T>& g, bool inputs) {
        const ptrdiff_t tiles = ptrdiff_t(plan_.tiles.size());
        const ptrdiff_t groups = p_.table ? ptrdiff_t(plan_.groups.size()) - 1 : tiles;
        const Buffer scratch = buffer(sizes_.scratch * threads_), tile_partials = buffer(sizes_.tile_partial * std::max<ptrdiff_t>(tiles, 1));
        const Buffer input_partials = buffer(sizes_.input_partial * std::max<ptrdiff_t>(groups, 1));
        const ptrdiff_t pieces = ptrdiff_t(plan_.pieces.size());
        const Buffer piece_sums = buffer(sizes_.projected * pieces);
        const bool by_row = p_.table && p_.input_mask && inputs;
        const Buffer input_gradients = buffer(by_row ? p_.features * ptrdiff_t(plan_.distinct.size()) : 0);
        Buffers<T> b;
        b.packed = packed_.template as<T>(), b.kept = kept_.template as<T>(), b.pieces = piece_sums.template as<T>();
        b.tile_partials = tile_partials.template as<T>(), b.input_partials = input_partials.template as<T>();
        b.input_gradients = input_gradients.template as<T>();
        if (!tiles) std::fill_n(b.tile_partials, sizes_.tile_partial, T(0));
        if (!groups) std::fill_n(b.input_partials, sizes_.input_partial, T(0));
        in_parts([&](Part part) { kernels_->pack_backward(p_, part, inputs, b.packed); });
        parallel(tiles, threads_, [&](ptrdiff_t tile, int thread) {
            kernels_->backward(p_, g, plan_, tile, b, scratch.template as<T>() + thread * sizes_.scratch);
        });
        if (p_.table) {
            parallel(pieces, threads_, [&](ptrdiff_t piece, int) { kernels_->gather_piece(p_, plan_, piece, b); });
            parallel(groups, threads_, [&](ptrdiff_t group, int thread) {
                kernels_->gather(p_, g, plan_, group, b, scratch.template as<T>() + thread * sizes_.scratch);
            });
            parallel(by_row ? PARTS : 0, threads_, [&](ptrdiff_t number, int) {
                kernels_->share_out(p_, g, plan_, Part{number, PARTS}, b);
            });
        }
        in_parts([&](Part part) { kernels_->reduce(p_, part, tiles, groups, b); });
        in_parts([&](Part part) { kernels_->unpack(p_, part, g, b); });
    }

    // Work on the weights: by all threads where there is enough of it.
    template <typename Task>
    void in_parts(Task task) const {
        const ptrdiff_t parts = p_.thin || sizes_.tile_partial < LARGE ? 1 : PARTS;
        parallel(parts, threads_, [&](ptrdiff_t number, int) { task(Part{number, parts}); });
    }

    ptrdiff_t most_tokens_of_a_tile() const {
        ptrdiff_t most = 0;
        for (const Tile& tile : plan_.tiles) most = std::max(most, tile.tokens_to - tile.tokens_from);
        return most;
    }

    static ptrdiff_t groups_of(ptrdiff_t distinct) {
        return std::min<ptrdiff_t>(GROUPS, (distinct + CHUNK - 1) / CHUNK);
    }

    static Buffer buffer(ptrdiff_t elements) { return Buffer(size_t(elements) * sizeof(T)); }

    static const T* checked_given(const std::optional<In>& array, const char* name,
                                  std::initializer_list<ptrdiff_t> shape) {
        return array ? checked(*array, name, shape) : nullptr;
    }

    void keep(std::initializer_list<In> arrays) { arrays_.insert(arrays_.end(), arrays); }

    void take_lengths(Array<const int64_t> lengths) {
        p_.lengths = checked(lengths, "lengths", {p_.rows});
        whole_.push_back(lengths);
        for (ptrdiff_t row = 0; row < p_.rows; ++row)
            if (p_.lengths[row] < 0 || p_.lengths[row] > p_.steps)
                throw std::invalid_argument("a row of " + std::to_string(p_.steps) + " steps cannot have length " +
                                            std::to_string(p_.lengths[row]));
    }

    Problem<T> p_{};
    int threads_;
    std::string instructions_;
    ptrdiff_t symbols_ = 0;
    const Kernels<T>* kernels_ = nullptr;
    Sizes sizes_{};
    Plan plan_;
    Buffer packed_, kept_;
    bool there_ = false;
    std::vector<In> arrays_;
    std::vector<Array<const int64_t>> whole_;
    Array<T> outputs_;
};

template <typename T>
void bind(nb::module_& m, const char* name) {
    using L = Loop<T>;
    nb::class_<L>(m, name)
        .def(nb::init<const std::string&, bool, bool, int, const std::string&>(), nb::arg("cell"), nb::kw_only(),
             nb::arg("relu"), nb::arg("reverse"), nb::arg("threads"), nb::arg("instructions") = "")
        .def("weights", &L::weights, nb::arg().noconvert(), nb::arg().noconvert(), nb::arg().noconvert(),
             nb::arg().noconvert())
        .def("norm", &L::norm, nb::arg().noconvert(), nb::arg().noconvert(), nb::arg().noconvert().none(),
             nb::arg().noconvert().none())
        .def("dense", &L::dense, nb::arg().noconvert(), nb::arg().noconvert())
        .def("embedded", &L::embedded, nb::arg().noconvert(), nb::arg().noconvert(), nb::arg().noconvert())
        .def("initial", &L::initial, nb::arg().noconvert(), nb::arg().noconvert().none())
        .def("recurrent_mask", &L::recurrent_mask, nb::arg().noconvert())
        .def("input_mask", &L::input_mask, nb::arg().noconvert())
        .def("zoneout", &L::zoneout, nb::arg("share"), nb::arg("seed").none())
        .def("forward", &L::forward, nb::arg().noconvert(), nb::arg().noconvert(), nb::arg().noconvert().none(),
             nb::arg("for_backward"))
        .def("backward", &L::backward, nb::arg().noconvert(), nb::arg().noconvert().none(), nb::arg().noconvert(),
             nb::arg().noconvert());
}

}  // namespace

}  // namespace yeoul

NB_MODULE(_native, m) {
    nb::set_leak_warnings(false);  // a graph may be alive when the interpreter ends
    m.doc() = "The recurrent loop, fused; `yeoul.kernels.native` is its Python side.";
    m.def("instruction_sets", [] {
        std::vector<std::string> names;
        for (const yeoul::Set& set : yeoul::sets()) names.emplace_back(set.name);
        return names;
    });
    yeoul::bind<float>(m, "LoopFloat");
    yeoul::bind<double>(m, "LoopDouble");
}
