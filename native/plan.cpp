#include "problem.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace yeoul {

Plan make_plan(ptrdiff_t rows, const int64_t* lengths, ptrdiff_t tile_rows) {
    Plan plan;
    plan.order.resize(rows);
    std::iota(plan.order.begin(), plan.order.end(), 0);
    std::stable_sort(plan.order.begin(), plan.order.end(), [&](int32_t a, int32_t b) { return lengths[a] > lengths[b]; });
    const ptrdiff_t count = (rows + tile_rows - 1) / tile_rows;
    for (ptrdiff_t index = 0; index < count; ++index) {
        Tile tile;
        tile.first = rows * index / count;
        tile.rows = rows * (index + 1) / count - tile.first;
        ptrdiff_t active = tile.rows;
        tile.offsets.push_back(plan.entries);
        for (int64_t step = 0; step < lengths[plan.order[tile.first]]; ++step) {
            while (lengths[plan.order[tile.first + active - 1]] <= step) --active;
            tile.offsets.push_back(tile.offsets.back() + active);
        }
        plan.entries = tile.offsets.back();
        plan.tiles.push_back(std::move(tile));
    }
    return plan;
}

namespace {

// Cut frequent tokens into pieces, and the tokens into groups of about equal work.
void cut_tokens(Plan& plan) {
    constexpr ptrdiff_t GROUPS = 8, LEAST = 96, TOKEN = 8;  // a token's products cost about as much as so many occurrences
    const ptrdiff_t tokens = ptrdiff_t(plan.distinct.size());
    std::vector<ptrdiff_t> work(1, 0);
    plan.first_piece.assign(1, 0);
    for (ptrdiff_t token = 0; token < tokens; ++token) {
        const ptrdiff_t from = plan.occurrences.first[token], to = plan.occurrences.first[token + 1], pieces = (to - from + PIECE - 1) / PIECE;
        for (ptrdiff_t piece = 0; piece < pieces && pieces > 1; ++piece)
            plan.pieces.push_back({from + (to - from) * piece / pieces, from + (to - from) * (piece + 1) / pieces});
        plan.first_piece.push_back(ptrdiff_t(plan.pieces.size()));
        work.push_back(work.back() + TOKEN + (pieces > 1 ? pieces : to - from));
    }
    const ptrdiff_t groups = std::min(GROUPS, (tokens + LEAST - 1) / LEAST);
    plan.groups.assign(1, 0);
    for (ptrdiff_t group = 1; group <= groups; ++group)
        plan.groups.push_back(std::lower_bound(work.begin(), work.end(), work.back() * group / groups) - work.begin());
}

// Numbers ids in the order of their first occurrence.
class Numbering {
  public:
    int32_t number(int64_t id, std::vector<int64_t>& distinct) {
        if (id < int64_t(direct_.size())) return settle(direct_[id], id, distinct);
        if (id < limit_) {
            direct_.resize(std::min<int64_t>(limit_, std::max<int64_t>(2 * id, 4096)), -1);
            return settle(direct_[id], id, distinct);
        }
        return settle(others_.emplace(id, -1).first->second, id, distinct);
    }
    void forget(const std::vector<int64_t>& distinct, size_t from) {
        for (size_t k = from; k < distinct.size(); ++k)
            if (distinct[k] < int64_t(direct_.size())) direct_[distinct[k]] = -1;
        others_.clear();
    }

  private:
    static constexpr int64_t limit_ = 1 << 22;
    static int32_t settle(int32_t& slot, int64_t id, std::vector<int64_t>& distinct) {
        if (slot < 0) {
            slot = int32_t(distinct.size());
            distinct.push_back(id);
        }
        return slot;
    }
    std::vector<int32_t> direct_;
    std::unordered_map<int64_t, int32_t> others_;
};

Grouped grouped(const std::vector<int32_t>& numbers, size_t count) {
    Grouped found;
    found.first.assign(count + 1, 0);
    for (int32_t number : numbers) ++found.first[number + 1];
    std::partial_sum(found.first.begin(), found.first.end(), found.first.begin());
    found.places.resize(numbers.size());
    std::vector<ptrdiff_t> next(found.first.begin(), found.first.end() - 1);
    for (size_t place = 0; place < numbers.size(); ++place) found.places[next[numbers[place]]++] = int32_t(place);
    return found;
}

}  // namespace

void find_distinct(Plan& plan, const Ids& ids, bool backward) {
    thread_local Numbering numbering;
    plan.place.resize(plan.entries);
    for (Tile& tile : plan.tiles) {
        tile.tokens_from = ids.by_row ? ptrdiff_t(plan.distinct.size()) : 0;
        for (ptrdiff_t row = 0; row < tile.rows; ++row) {
            const int32_t batch_row = plan.order[tile.first + row];
            const int64_t length = ids.lengths[batch_row];
            const size_t before = plan.distinct.size();
            for (int64_t step = 0; step < length; ++step) {
                const int64_t id = ids.data[batch_row * ids.steps + (ids.reverse ? length - 1 - step : step)];
                plan.place[tile.offsets[step] + row] = numbering.number(id, plan.distinct);
            }
            if (!ids.by_row) continue;
            numbering.forget(plan.distinct, before);
            plan.owner.resize(plan.distinct.size(), batch_row);
        }
        tile.tokens_to = ptrdiff_t(plan.distinct.size());
    }
    if (!ids.by_row) numbering.forget(plan.distinct, 0);
    if (!backward) return;
    plan.occurrences = grouped(plan.place, plan.distinct.size());
    cut_tokens(plan);
    if (!ids.by_row) return;
    std::vector<int32_t> numbers;
    for (int64_t id : plan.distinct) numbers.push_back(numbering.number(id, plan.shared));
    numbering.forget(plan.shared, 0);
    plan.sharing = grouped(numbers, plan.shared.size());
}

}  // namespace yeoul
