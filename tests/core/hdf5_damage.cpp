#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/hdf5_file.hpp"
#include "core/random.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::Hdf5File;
using core::Value;
using tests::Folder;
using tests::holds;
using tests::refused;

// HDF5 1.10 leaks half a kilobyte of its own for each object header whose checksum is wrong; the leak sanitizer asks
// this for what it shall not report. Ids that we forget to close are none of its business: the library still knows
// them.
extern "C" const char* __lsan_default_suppressions();                            // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:libhdf5"; }  // NOLINT(bugprone-reserved-identifier)

namespace {

std::vector<double> ramp(std::size_t n, double step) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = step * static_cast<double>(i);
  return values;
}

// One file with everything a file of ours can hold: small and large data, compressed data, full and empty groups, many
// attributes.
void write_specimen(const std::string& path) {
  Hdf5File file = Hdf5File::create(path, "study", 1);
  file.set_attribute("/", "spec", std::string(3000, 's'));
  for (int i = 0; i < 12; ++i) {
    const std::string chip = "/chips/" + std::to_string(i);
    file.write(chip + "/accuracy", ramp(3, 0.1), {3});
    file.set_attribute(chip, "seed", i);
    file.set_attribute("/chips", "attribute" + std::to_string(i), 0.5 * i);
  }
  file.write("/large", ramp(3000, 1e-6), {60, 50});
  file.write("/huge", ramp(150000, 1e-6), {150000});
  file.write("/packed", ramp(3000, 1.0), {3000}, 6);
  file.make_group("/empty");
  file.close();
}

Value object_content(const Hdf5File& file, const std::string& path, const std::vector<std::string>& attributes) {
  Value content = Value::object();
  for (const auto& name : attributes) content[name] = file.attribute(path, name);
  return content;
}

// Everything in the specimen as one tree.
Value content_of(const std::string& path) {
  const Hdf5File file = Hdf5File::open(path, "study", 1);
  Value content =
      object_content(file, "/", {"wordline_format", "format_version", "wordline_version", "git_id", "spec"});
  for (int i = 0; i < 12; ++i) content["/chips"].push_back(file.attribute("/chips", "attribute" + std::to_string(i)));
  for (const auto& chip : file.children("/chips")) {
    content["/chips/" + chip] = object_content(file, "/chips/" + chip, {"seed"});
    content[chip] = file.read<double>("/chips/" + chip + "/accuracy", {3});
  }
  for (const char* name : {"/large", "/huge", "/packed"}) content[name] = file.read<double>(name).data;
  content["names"] = file.children("/");
  return content;
}

// True when the file was refused, false when it was read; a wrong reading fails the test.
bool refused_or_right(const std::string& path, const Value& expected) {
  Value content;
  try {
    content = content_of(path);
  } catch (const core::Error& error) {
    CHECK(error.kind() == ErrorKind::io);
    CHECK(holds(error.complaint().name, path));
    CHECK_FALSE(error.complaint().remedy.empty());
    return true;
  }
  CHECK((content == expected));  // in brackets, or Catch prints 150000 numbers
  return false;
}

std::string rule_of_opening(const std::string& path) {
  const auto error = refused(ErrorKind::io, [&] { Hdf5File::open(path, "study", 1); });
  CHECK(error.complaint().name == path);
  CHECK_FALSE(error.complaint().remedy.empty());
  return error.complaint().rule;
}

}  // namespace

TEST_CASE("what is no HDF5 file is refused, each with its own words") {
  const Folder folder;
  tests::save(folder.file("text"), "these are measurements: 1, 2, 3 and many more words than a signature has\n");
  tests::save(folder.file("empty"), "");
  CHECK(holds(rule_of_opening(folder.file("text")), "no HDF5 file"));
  CHECK(holds(rule_of_opening(folder.file("empty")), "no HDF5 file"));
  CHECK(rule_of_opening(folder.file("missing")) == "there is no such file");
  CHECK(rule_of_opening(folder.file("")) == "this is a folder");
  CHECK(rule_of_opening("/dev/null") == "this is no ordinary file");
  CHECK(rule_of_opening(folder.file("text") + "/below") == "there is no such file");
  CHECK(rule_of_opening(folder.file(std::string(300, 'n'))) == "there is no such file");
}

TEST_CASE("a file cut short anywhere is refused") {
  const Folder folder;
  write_specimen(folder.file("a.h5"));
  const std::string whole = tests::load(folder.file("a.h5"));
  std::vector<std::size_t> lengths{0, 1, 7, 8, 9, 47, 48, 96, 512, 513, whole.size() - 1, whole.size() - 8};
  for (std::size_t k = 1; k < 20; ++k) lengths.push_back(whole.size() * k / 20);
  for (const std::size_t length : lengths) {
    tests::save(folder.file("cut.h5"), whole.substr(0, length));
    const std::string rule = rule_of_opening(folder.file("cut.h5"));
    INFO("length " << length << " of " << whole.size() << ": " << rule);
    CHECK((holds(rule, "cut short") || (length < 8 && holds(rule, "only the rest of one"))));
  }
}

// Three sets of seeded damage: one byte, sixteen bytes, and zeros over a run of bytes as a lost disk block leaves.
TEST_CASE("a file with damaged bytes is refused, or read right where the bytes do not matter, and never crashes") {
  const Folder folder;
  write_specimen(folder.file("a.h5"));
  const std::string whole = tests::load(folder.file("a.h5"));
  const Value expected = content_of(folder.file("a.h5"));
  const core::Stream stream({.seed = 1, .chip = 0, .layer = 0, .tile = 0, .purpose = "damage"});
  const std::size_t before = tests::open_descriptors();
  int caught = 0;
  for (std::uint32_t trial = 0; trial < 300; ++trial) {
    std::string bytes = whole;
    for (std::uint32_t k = 0; k < (trial % 3 == 1 ? 16U : 1U); ++k) {
      const auto w = stream.words({trial, k, 0, 0});
      // Every other time near the front, where the structure is.
      const std::size_t at = w[0] % (trial % 2 == 0 ? bytes.size() : 8192);
      if (trial % 3 == 2)
        bytes.replace(at, 64, std::string(64, '\0').substr(0, std::min<std::size_t>(64, bytes.size() - at)));
      else
        bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U + w[1] % 255U));
    }
    tests::save(folder.file("bad.h5"), bytes);
    INFO("seed 1, trial " << trial);
    caught += refused_or_right(folder.file("bad.h5"), expected) ? 1 : 0;
  }
  CHECK(caught > 200);
  CHECK(tests::open_descriptors() == before);
}

TEST_CASE("every byte of the first kilobyte may be wrong without a crash") {
  const Folder folder;
  write_specimen(folder.file("a.h5"));
  const std::string whole = tests::load(folder.file("a.h5"));
  const Value expected = content_of(folder.file("a.h5"));
  for (std::size_t at = 0; at < 1024; at += 3) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ '\x81');
    tests::save(folder.file("bad.h5"), bytes);
    INFO("byte " << at);
    refused_or_right(folder.file("bad.h5"), expected);
  }
}

TEST_CASE("a flipped bit in large data is noticed when they are read") {
  const Folder folder;
  write_specimen(folder.file("a.h5"));
  std::string bytes = tests::load(folder.file("a.h5"));
  const double last = 149999e-6;
  const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(&last), sizeof(last)));
  REQUIRE(at != std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ '\x01');
  tests::save(folder.file("bad.h5"), bytes);
  const Hdf5File file = Hdf5File::open(folder.file("bad.h5"), "study", 1);
  const auto error = refused(ErrorKind::io, [&] { file.read<double>("/huge"); });
  CHECK(error.complaint().name == folder.file("bad.h5:/huge"));
  CHECK(holds(error.what(), "damaged"));
}

TEST_CASE("failures print nothing") {
  const Folder folder;
  write_specimen(folder.file("a.h5"));
  tests::save(folder.file("cut.h5"), tests::load(folder.file("a.h5")).substr(0, 3000));
  const int saved = ::dup(2);
  const int capture = ::open(folder.file("stderr").c_str(), O_CREAT | O_WRONLY, 0600);
  ::dup2(capture, 2);
  try {
    Hdf5File::open(folder.file("cut.h5"));
  } catch (const core::Error&) {
  }
  try {
    Hdf5File::open(folder.file("a.h5")).read<float>("/large");
  } catch (const core::Error&) {
  }
  ::dup2(saved, 2);
  ::close(saved);
  ::close(capture);
  CHECK(tests::load(folder.file("stderr")).empty());
}
