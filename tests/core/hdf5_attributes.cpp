#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/hdf5_file.hpp"
#include "core/version.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::Hdf5File;
using core::Value;
using tests::Folder;
using tests::holds;
using tests::refused;

namespace {

std::string foreign() { return std::string(WORDLINE_SOURCE_DIR) + "/tests/core/data/foreign.h5"; }

std::string rule_of(const std::function<void()>& call) { return refused(ErrorKind::io, call).complaint().rule; }

}  // namespace

TEST_CASE("attributes come back as the value and the kind they were") {
  const Folder folder;
  const std::vector<Value> values{"S",
                                  "",
                                  "5 µS",
                                  std::string(100000, 'x'),
                                  0.1,
                                  -0.0,
                                  3,
                                  -3,
                                  std::numeric_limits<std::int64_t>::max(),
                                  std::numeric_limits<std::int64_t>::min(),
                                  ~std::uint64_t{0}};
  Hdf5File out = Hdf5File::create(folder.file("a.h5"), "test", 1);
  out.make_group("/g");
  for (std::size_t i = 0; i < values.size(); ++i) out.set_attribute("/g", std::to_string(i), values[i]);
  out.close();
  const Hdf5File in = Hdf5File::open(folder.file("a.h5"));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Value back = in.attribute("/g", std::to_string(i));
    CHECK(back == values[i]);
    CHECK(back.is_number_float() == values[i].is_number_float());
  }
  CHECK(in.attribute_number("/g", "6") == 3.0);
  CHECK(std::signbit(in.attribute_number("/g", "5")));
  CHECK(in.attribute("/g", "10").get<std::uint64_t>() == ~std::uint64_t{0});
}

TEST_CASE("setting an attribute again replaces it, whatever its kind was") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  file.set_attribute("/", "a", 1);
  file.set_attribute("/", "a", "one");
  CHECK(file.attribute_text("/", "a") == "one");
  file.write("/x", std::vector<double>{1.0}, {1});
  file.set_attribute("/x", "unit", "S");
  CHECK(file.attribute_text("/x", "unit") == "S");
}

TEST_CASE("an attribute is one text or number") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  for (const Value& bad : {Value(nullptr), Value(true), Value::array({1, 2}), Value::object()})
    CHECK(refused(ErrorKind::type, [&] { file.set_attribute("/", "a", bad); }).complaint().name ==
          folder.file("a.h5:/, attribute a"));
  refused(ErrorKind::value, [&] { file.set_attribute("/", "a", std::string("x\0y", 3)); });
  refused(ErrorKind::value, [&] { file.set_attribute("/", "", 1); });
  refused(ErrorKind::value, [&] { file.set_attribute("/", std::string("a\0b", 3), 1); });
  CHECK_FALSE(file.has_attribute("/", "a"));
}

TEST_CASE("a missing attribute is refused with the known ones, one of another kind with its value") {
  const Folder folder;
  Hdf5File file = Hdf5File::create(folder.file("a.h5"), "test", 1);
  file.set_attribute("/", "seed", 7);
  const auto missing = refused(ErrorKind::io, [&] { file.attribute("/", "sed"); }).complaint();
  CHECK(missing.rule == "there is no such attribute");
  CHECK(missing.allowed == "format_version, git_id, seed, wordline_format, wordline_version");
  const auto kind = refused(ErrorKind::io, [&] { file.attribute_text("/", "seed"); }).complaint();
  CHECK(kind.value == "7");
  CHECK(kind.allowed == "text");
  refused(ErrorKind::io, [&] { file.attribute_integer("/", "git_id"); });
  refused(ErrorKind::io, [&] { file.attribute_number("/", "git_id"); });
  file.set_attribute("/", "half", 0.5);
  refused(ErrorKind::io, [&] { file.attribute_integer("/", "half"); });
}

TEST_CASE("every file says what it is and what made it") {
  const Folder folder;
  Hdf5File::create(folder.file("a.h5"), "study", 3).close();
  const Hdf5File file = Hdf5File::open(folder.file("a.h5"), "study", 3);
  CHECK(file.attribute_text("/", "wordline_format") == "study");
  CHECK(file.attribute_integer("/", "format_version") == 3);
  CHECK(file.attribute_text("/", "wordline_version") == core::version());
  CHECK(file.attribute_text("/", "git_id") == core::git_id());
}

TEST_CASE("a file of another kind, or of a newer format, is refused with what to do") {
  const Folder folder;
  Hdf5File::create(folder.file("a.h5"), "study", 3).close();
  const auto open = [&](const std::string& kind, std::int64_t max) {
    return [&folder, kind, max] { Hdf5File::open(folder.file("a.h5"), kind, max); };
  };
  const auto kind = refused(ErrorKind::io, open("chip", 3)).complaint();
  CHECK(kind.name == folder.file("a.h5"));
  CHECK(kind.value == "study");
  CHECK(kind.allowed == "chip");
  const auto newer = refused(ErrorKind::io, open("study", 2)).complaint();
  CHECK(newer.value == "format_version 3");
  CHECK(holds(newer.remedy, std::string(core::version())));
  CHECK_NOTHROW(open("study", 3)());
  CHECK_NOTHROW(open("study", 4)());
  Hdf5File::create(folder.file("a.h5"), "study", 0).close();
  refused(ErrorKind::io, open("study", 3));
}

TEST_CASE("an HDF5 file of another program opens as such, but not as one of ours") {
  CHECK_NOTHROW(Hdf5File::open(foreign()));
  CHECK(rule_of([] { Hdf5File::open(foreign(), "study", 1); }) == "this HDF5 file was not made by Wordline");
}

TEST_CASE("attributes of other programs are read") {
  const Hdf5File file = Hdf5File::open(foreign());
  CHECK(file.attribute_text("/", "text") == "von h5py, 5 µS");
  CHECK(file.attribute_text("/", "empty").empty());
  CHECK(file.attribute_text("/", "fixed") == "fixed");
  CHECK(file.attribute_text("/", "padded") == "ab");
  CHECK(file.attribute_integer("/", "int32") == -5);
  CHECK(file.attribute_number("/", "float32") == 0.25);
  CHECK(file.attribute("/", "seed").get<std::uint64_t>() == ~std::uint64_t{0});
  refused(ErrorKind::io, [&] { file.attribute_integer("/", "seed"); });
  CHECK(rule_of([&] { file.attribute("/", "list"); }) == "the attribute is no single value");
  CHECK(rule_of([&] { file.attribute("/", "flag"); }) == "the attribute is neither text nor number");
}

TEST_CASE("numbers of other programs are read where they fit without loss") {
  const Hdf5File file = Hdf5File::open(foreign());
  const auto doubles = [&](const std::string& name) { return file.read<double>("/numbers/" + name).data; };
  CHECK(doubles("big_endian") == std::vector<double>{1.5, -2.5, 0.0, 1e-300});
  for (const char* name : {"float32", "float16", "link"}) CHECK(doubles(name) == std::vector<double>{0.5, 0.25});
  CHECK(doubles("int32") == std::vector<double>{-1.0, 2.0});
  CHECK(doubles("scalar") == std::vector<double>{3.5});
  CHECK(doubles("nothing").empty());
  CHECK(doubles("chunked").at(999) == 999.0);
  CHECK(file.read<std::int64_t>("/numbers/int32").data == std::vector<std::int64_t>{-1, 2});
  CHECK(file.read<float>("/numbers/float16").data == std::vector<float>{0.5F, 0.25F});
  refused(ErrorKind::io, [&] { file.read<float>("/numbers/int32"); });
  refused(ErrorKind::io, [&] { file.read<std::uint8_t>("/numbers/int32"); });
  for (const char* name : {"uint64", "flags", "words", "pairs"}) refused(ErrorKind::io, [&] { doubles(name); });
  refused(ErrorKind::io, [&] { file.read<std::int64_t>("/numbers/uint64"); });
}

TEST_CASE("a link to nowhere is a missing object, a shape beyond the file's size is refused") {
  const Hdf5File file = Hdf5File::open(foreign());
  CHECK_FALSE(file.exists("/numbers/dangling"));
  CHECK(rule_of([&] { file.read<double>("/numbers/dangling"); }) == "the file holds no such object");
  CHECK(rule_of([&] { file.read<double>("/numbers/unwritten"); }) ==
        "the dataset claims more numbers than the file can hold");
}
