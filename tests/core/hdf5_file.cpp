#include "core/hdf5_file.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "core/parallel.hpp"
#include "core/version.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::Hdf5File;
using tests::Folder;
using tests::holds;
using tests::refused;

namespace {

template <class T>
std::vector<T> ramp(std::size_t n) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<T>(i % 251);
  return values;
}

// Writes `values`, reads them back from the closed file and compares.
template <class T>
void check_round_trip(const std::vector<T>& values, const core::Hdf5Shape& shape, int deflate = 0) {
  const Folder folder;
  Hdf5File out = Hdf5File::create(folder.file("a.h5"), "test", 1);
  out.write("/group/data", values, shape, deflate);
  out.close();
  const auto back = Hdf5File::open(folder.file("a.h5")).read<T>("/group/data");
  CHECK(back.data == values);
  CHECK(back.shape == shape);
}

}  // namespace

TEMPLATE_TEST_CASE("datasets of every type and size come back as they were", "", double, float, std::int64_t,
                   std::uint8_t) {
  check_round_trip(ramp<TestType>(6), {2, 3});
  check_round_trip(ramp<TestType>(1), {});
  check_round_trip(ramp<TestType>(0), {0});
  check_round_trip(ramp<TestType>(0), {3, 0, 2});
  check_round_trip(ramp<TestType>(700 * 600), {700, 600});
  check_round_trip(ramp<TestType>(420000), {1, 420000});
  check_round_trip(ramp<TestType>(420000), {420000, 1, 1});
  check_round_trip(ramp<TestType>(420000), {700, 600}, 4);
}

TEST_CASE("numbers at the ends of their types come back as the same bits") {
  const double inf = std::numeric_limits<double>::infinity();
  check_round_trip<double>({-0.0, inf, -inf, std::numeric_limits<double>::denorm_min(), 1.0 / 3.0}, {5});
  check_round_trip<std::int64_t>(
      {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), -1}, {3});
  check_round_trip<std::uint8_t>({0, 255}, {2});
}

TEST_CASE("compression is off unless asked for, and then works") {
  const Folder folder;
  const std::vector<double> same(100000, 0.5);
  for (const int level : {0, 9})
    Hdf5File::create(folder.file(std::to_string(level)), "test", 1).write("/a", same, {100000}, level);
  CHECK(std::filesystem::file_size(folder.file("0")) > 800000);
  CHECK(std::filesystem::file_size(folder.file("9")) < 20000);
}

TEST_CASE("equal contents give equal files, byte by byte") {
  const Folder folder;
  for (const char* name : {"a", "b"}) {
    Hdf5File file = Hdf5File::create(folder.file(name), "test", 1);
    file.write("/x/y/z", ramp<double>(5000), {5000});
    file.set_attribute("/x/y", "unit", "S");
    file.close();
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5's time stamps count seconds
  }
  CHECK(tests::load(folder.file("a")) == tests::load(folder.file("b")));
}

TEST_CASE("a shape that is not the data's is refused before anything is written") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  const auto six = ramp<double>(6);
  const core::Hdf5Shape too_many_axes(33, 1);
  for (const auto& shape : std::vector<core::Hdf5Shape>{
           {5}, {7}, {-2, -3}, {}, {6, 0}, too_many_axes, {std::int64_t{1} << 62, std::int64_t{1} << 62}})
    CHECK(refused(ErrorKind::value, [&] { file.write("/a", six, shape); }).complaint().name == folder.file("a.h5:/a"));
  CHECK_FALSE(file.exists("/a"));
  CHECK_NOTHROW(file.write("/a", six, {6}));
}

TEST_CASE("levels of compression run from 0 to 9") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  for (const int level : {-1, 10}) refused(ErrorKind::value, [&] { file.write("/a", ramp<double>(1), {1}, level); });
  for (const int level : {0, 9}) CHECK_NOTHROW(file.write("/" + std::to_string(level), ramp<double>(1), {1}, level));
}

TEST_CASE("objects are named by absolute paths") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  for (const std::string& path : {std::string(), std::string("a"), std::string("/a/"), std::string("//a"),
                                  std::string("/a//b"), std::string("/a\0b", 4)}) {
    refused(ErrorKind::value, [&] { file.write(path, ramp<double>(1), {1}); });
    refused(ErrorKind::value, [&] { file.exists(path); });
    refused(ErrorKind::value, [&] { file.read<double>(path); });
  }
}

TEST_CASE("groups are made as needed and list their children sorted") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  file.make_group("/chips/b/deep");
  file.make_group("/chips/b");
  for (const char* name : {"/chips/c", "/chips/a"}) file.write(name, ramp<double>(1), {1});
  const std::vector<std::string> expected{"a", "b", "c"};
  CHECK(file.children("/chips") == expected);
  CHECK(file.children("/") == std::vector<std::string>{"chips"});
  CHECK(file.children("/chips/b/deep").empty());
  CHECK(file.exists("/"));
  CHECK(file.exists("/chips/b/deep"));
  CHECK_FALSE(file.exists("/chips/b/deeper"));
  CHECK_FALSE(file.exists("/none/at/all"));
  CHECK_FALSE(file.exists("/chips/a/below"));
}

TEST_CASE("a group of many children lists them all") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  for (int i = 0; i < 300; ++i) file.make_group("/chips/" + std::to_string(i));
  file.close();
  CHECK(Hdf5File::open(folder.file("a.h5")).children("/chips").size() == 300);
}

TEST_CASE("a missing object is refused with the names beside it") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  file.write("/chips/G", ramp<double>(1), {1});
  file.write("/chips/target", ramp<double>(1), {1});
  const auto error = refused(ErrorKind::io, [&] { file.read<double>("/chips/H"); });
  CHECK(error.complaint().name == folder.file("a.h5:/chips/H"));
  CHECK(error.complaint().allowed == "/chips holds G, target");
  CHECK_FALSE(error.complaint().remedy.empty());
  CHECK(refused(ErrorKind::io, [&] { file.read<double>("/x/y"); }).complaint().allowed == "/ holds chips");
  refused(ErrorKind::io, [&] { file.children("/none"); });
  refused(ErrorKind::io, [&] { file.attribute("/none", "unit"); });
}

TEST_CASE("an object of another sort, type or shape is refused, each with its own words") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  file.write("/g/x", ramp<double>(6), {2, 3});
  const auto rule = [&](const std::function<void()>& call) { return refused(ErrorKind::io, call).complaint().rule; };
  CHECK(rule([&] { file.read<double>("/g"); }) == "this is no dataset");
  CHECK(rule([&] { file.children("/g/x"); }) == "this is no group");
  CHECK(rule([&] { file.write("/g/x", ramp<double>(1), {1}); }) == "the object exists already");
  const auto type = refused(ErrorKind::io, [&] { file.read<std::int64_t>("/g/x"); }).complaint();
  CHECK(type.value == "float64");
  CHECK(type.allowed == "int64 or narrower");
  refused(ErrorKind::io, [&] { file.read<float>("/g/x"); });
  const auto shape = refused(ErrorKind::io, [&] { file.read<double>("/g/x", {3, 2}); }).complaint();
  CHECK(shape.value == "[2, 3]");
  CHECK(shape.allowed == "[3, 2]");
  for (const core::Hdf5Shape& bad : std::vector<core::Hdf5Shape>{{6}, {}, {2, 3, 1}, {-1}})
    refused(ErrorKind::io, [&] { file.read<double>("/g/x", bad); });
  for (const core::Hdf5Shape& good : std::vector<core::Hdf5Shape>{{2, 3}, {-1, 3}, {-1, -1}})
    CHECK(file.read<double>("/g/x", good) == ramp<double>(6));
}

TEST_CASE("a dataset stands in the way of a group") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  file.write("/x", ramp<double>(1), {1});
  refused(ErrorKind::io, [&] { file.write("/x/y/z", ramp<double>(1), {1}); });
  refused(ErrorKind::io, [&] { file.make_group("/x/y"); });
  CHECK(file.read<double>("/x").data == ramp<double>(1));
}

TEST_CASE("a file opened for reading is not written") {
  const Folder folder;
  Hdf5File::create(folder.file("a.h5"), "test", 1).close();
  const std::string before = tests::load(folder.file("a.h5"));
  Hdf5File file = Hdf5File::open(folder.file("a.h5"));
  refused(ErrorKind::io, [&] { file.write("/a", ramp<double>(1), {1}); });
  refused(ErrorKind::io, [&] { file.make_group("/a"); });
  refused(ErrorKind::io, [&] { file.set_attribute("/", "a", 1); });
  refused(ErrorKind::io, [&] { file.set_attribute("/", "git_id", "x"); });
  file.close();
  CHECK(tests::load(folder.file("a.h5")) == before);
}

TEST_CASE("a closed file refuses to be used and can be closed again") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  Hdf5File taken = std::move(file);
  taken.make_group("/a");
  taken.close();
  CHECK_NOTHROW(taken.close());
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { taken.make_group("/b"); }, [&] { taken.children("/"); }, [&] { taken.exists("/a"); },
           [&] { taken.write("/b", ramp<double>(1), {1}); }, [&] { taken.read<double>("/a"); },
           [&] { taken.attribute("/", "git_id"); }, [&] { taken.set_attribute("/", "a", 1); }})
    CHECK(holds(refused(ErrorKind::io, call).what(), "closed"));
}

TEST_CASE("files are written and read by many threads at once", "[parallel]") {
  const Folder folder;
  const auto values = ramp<double>(20000);
  core::for_each_block(16, {.threads = 4, .poll = {}}, [&](std::int64_t block) {
    const std::string path = folder.file(std::to_string(block));
    core::write_atomically(path, "test", 1, [&](Hdf5File& file) { file.write("/a", values, {20000}); });
    const auto back = Hdf5File::open(path, "test", 1).read<double>("/a", {20000});
    if (back != values) throw std::runtime_error("other numbers");
  });
  CHECK(folder.size() == 16);
}
