#include "core/scratch.hpp"

#include "tests/catch.hpp"

using wordline::core::Scratch;

TEST_CASE("a scratch vector differs from another in nothing but the numbers it was not given") {
  Scratch<int> some(3, 7);
  CHECK(some == Scratch<int>{7, 7, 7});
  some.resize(1000);
  CHECK(std::vector<int>(some.begin(), some.begin() + 3) == std::vector<int>{7, 7, 7});
  some.assign({1, 2});
  some.push_back(3);
  const Scratch<int> copy = some;
  CHECK(copy == some);
  const Scratch<int> moved = std::move(some);
  CHECK(moved == Scratch<int>{1, 2, 3});
}

TEST_CASE("a scratch vector does not write what it was not given") {
  struct Marked {
    int value = 5;  // a constructor of its own still runs
  };
  CHECK(Scratch<Marked>(2)[1].value == 5);
  wordline::core::LeaveUnset<int> unset;
  alignas(int) unsigned char memory[sizeof(int)] = {1, 2, 3, 4};
  unset.construct(reinterpret_cast<int*>(memory));
  CHECK(memory[3] == 4);
}
