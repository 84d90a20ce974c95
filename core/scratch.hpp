#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace wordline::core {

/// Leaves new elements as memory happens to be.
template <class T>
struct LeaveUnset : std::allocator<T> {
  LeaveUnset() = default;
  template <class U>
  explicit LeaveUnset(const LeaveUnset<U>&) {}
  template <class U>
  struct rebind {
    using other = LeaveUnset<U>;
  };
  template <class U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
};

/// A vector for numbers that are all written before any is read: Scratch<T>(n) does not spend a pass over memory on
/// zeros. Where they are wanted, Scratch<T>(n, 0).
template <class T>
using Scratch = std::vector<T, LeaveUnset<T>>;

}  // namespace wordline::core
