#include "mapper/gather.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <vector>

#include "mapper/solved_read.hpp"
#include "mapper/squares.hpp"

namespace wordline::mapper {
namespace {

// For each row of a read the input of a window that drives it; -1 for rows that hold biases.
std::vector<std::int64_t> sources(const Plan& plan, const Read& read) {
  const Layout& l = plan.layout;
  std::vector<std::int64_t> out;
  for (std::int64_t r = 0; r < read.inputs; ++r) {
    const std::int64_t i = l.first_input(read.row_tile) + read.first_row + r;
    const std::int64_t group = l.diagonal ? l.first_group(read.section) + i / l.inputs : read.turn;
    const std::int64_t k = i % l.inputs;
    out.push_back(k < plan.data_inputs ? group * plan.data_inputs + k : -1);
  }
  return out;
}

// Where the rows of a read find a window's inputs, by how they lie.
class Rows {
 public:
  Rows(const Plan& plan, const Unfold& unfold, const Read& read) : offsets_(sources(plan, read)) {
    for (std::int64_t& o : offsets_) {
      biases_ = biases_ || o < 0;
      if (o >= 0) o = unfold.offset[static_cast<std::size_t>(o)];
      in_a_row_ = in_a_row_ && o == offsets_.front() + (&o - offsets_.data());
    }
    in_a_row_ = in_a_row_ && !biases_;
  }

  // Whether windows that lie side by side are better moved together.
  bool by_squares() const { return !in_a_row_ && !biases_; }

  // One window's rows; biases are driven with the largest input.
  template <class T>
  void gather(const T* window, T largest, T* out) const {
    if (in_a_row_)
      std::copy_n(window + offsets_.front(), offsets_.size(), out);
    else if (biases_)
      std::transform(offsets_.begin(), offsets_.end(), out, [=](auto o) { return o < 0 ? largest : window[o]; });
    else
      std::transform(offsets_.begin(), offsets_.end(), out, [=](auto o) { return window[o]; });
  }

  // The rows of `side` windows that lie side by side.
  template <class T>
  void gather_side_by_side(const T* window, T* out) const {
    const std::int64_t rows = std::ssize(offsets_), whole = rows / side * side;
    gather_squares(window, std::span(offsets_).first(static_cast<std::size_t>(whole)), rows, out);
    for (std::int64_t w = 0; w < side; ++w)
      for (std::int64_t r = whole; r < rows; ++r) out[w * rows + r] = window[w + offsets_[static_cast<std::size_t>(r)]];
  }

 private:
  std::vector<std::int64_t> offsets_;
  bool biases_ = false, in_a_row_ = true;
};

// Where the windows of a block begin in the stored samples.
std::vector<std::int64_t> starts(const Unfold& unfold, std::int64_t first, std::int64_t count) {
  std::vector<std::int64_t> out;
  out.reserve(static_cast<std::size_t>(count));
  for_each_run(unfold, first, first + count, count, [&](auto sample, auto window, auto windows, auto) {
    const std::int64_t* base = unfold.base.data() + window;
    std::transform(base, base + windows, std::back_inserter(out), [&](auto b) { return sample * unfold.stored + b; });
  });
  return out;
}

// Which sample and window a block's vectors are, as their noise knows them.
void name_vectors(const Unfold& unfold, const Samples& samples, std::int64_t first, crossbar::Block& block) {
  for_each_run(unfold, first, first + block.vectors, block.vectors, [&](auto i, auto window, auto windows, auto) {
    const auto sample = static_cast<std::uint32_t>(samples.first + i / samples.images);
    const std::int64_t from = samples.first_window + i % samples.images * unfold.windows + window;
    block.sample.insert(block.sample.end(), static_cast<std::size_t>(windows), sample);
    for (std::int64_t w = 0; w < windows; ++w) block.window.push_back(static_cast<std::uint32_t>(from + w));
  });
}

bool side_by_side(const std::vector<std::int64_t>& starts, std::size_t v) {
  if (v + side > starts.size()) return false;
  for (std::int64_t i = 1; i < side; ++i)
    if (starts[v + static_cast<std::size_t>(i)] != starts[v] + i) return false;
  return true;
}

// All windows of a block, [window][row].
template <class T>
core::Scratch<T> gather_all(const Rows& lies, const std::vector<std::int64_t>& starts, const core::Scratch<T>& stored,
                            std::int64_t rows, T largest) {
  core::Scratch<T> out(starts.size() * static_cast<std::size_t>(rows));
  for (std::size_t v = 0; v < starts.size();) {
    T* to = out.data() + v * static_cast<std::size_t>(rows);
    const bool square = lies.by_squares() && side_by_side(starts, v);
    if (square) lies.gather_side_by_side(stored.data() + starts[v], to);
    if (!square) lies.gather(stored.data() + starts[v], largest, to);
    v += square ? side : 1;
  }
  return out;
}

}  // namespace

std::int64_t block_vectors(const Plan& plan) { return is_solved(plan) ? 8 : 256; }

crossbar::Block gather(const Plan& plan, const ScaledInputs& inputs, const Unfold& unfold, const Samples& samples,
                       const Read& read, std::int64_t first, std::int64_t count) {
  const Rows lies(plan, unfold, read);
  const auto from = starts(unfold, first, count);
  crossbar::Block block{
      .vectors = count, .rows = read.inputs, .codes = {}, .amplitudes = {}, .sample = {}, .window = {}};
  if (plan.code.continuous)
    block.amplitudes = gather_all(lies, from, inputs.amplitudes, read.inputs, 1.0F);
  else
    block.codes = gather_all(lies, from, inputs.codes, read.inputs, plan.code.largest_code());
  name_vectors(unfold, samples, first, block);
  return block;
}

}  // namespace wordline::mapper
