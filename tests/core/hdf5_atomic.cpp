#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/hdf5_file.hpp"
#include "tests/core/support.hpp"

using namespace wordline;
using core::ErrorKind;
using core::Hdf5File;
using core::write_atomically;
using tests::Folder;
using tests::holds;
using tests::refused;
namespace fs = std::filesystem;

namespace {

const std::vector<double> old_numbers{1.0, 2.0}, new_numbers{3.0};

void write_old(const std::string& path) {
  write_atomically(path, "test", 1, [](Hdf5File& file) { file.write("/a", old_numbers, {2}); });
}

std::vector<double> numbers_in(const std::string& path) {
  return Hdf5File::open(path, "test", 1).read<double>("/a").data;
}

// From now on every write to the temporary file fails, as on a full disk (Linux only).
void fill_disk(const Folder& folder) {
  const int full = ::open("/dev/full", O_WRONLY);
  int found = 0;
  for (int fd = 3; fd < 1024; ++fd) {
    std::error_code none;
    const std::string target = fs::read_symlink("/proc/self/fd/" + std::to_string(fd), none).string();
    if (!holds(target, folder.file("a.h5.tmp-"))) continue;
    ::dup2(full, fd);
    ++found;
  }
  ::close(full);
  REQUIRE(found == 1);
}

}  // namespace

TEST_CASE("an atomic write makes or replaces the file and leaves nothing else") {
  const Folder folder;
  write_old(folder.file("a.h5"));
  CHECK(numbers_in(folder.file("a.h5")) == old_numbers);
  write_atomically(folder.file("a.h5"), "test", 1, [](Hdf5File& file) { file.write("/a", new_numbers, {1}); });
  CHECK(numbers_in(folder.file("a.h5")) == new_numbers);
  CHECK(folder.size() == 1);
}

TEST_CASE("an exception in an atomic write leaves the old file and nothing else") {
  const Folder folder;
  write_old(folder.file("a.h5"));
  const auto write = [&] {
    write_atomically(folder.file("a.h5"), "test", 1, [](Hdf5File& file) {
      file.write("/a", new_numbers, {1});
      throw std::runtime_error("stopped");
    });
  };
  CHECK_THROWS_AS(write(), std::runtime_error);
  CHECK(numbers_in(folder.file("a.h5")) == old_numbers);
  CHECK(folder.size() == 1);
}

TEST_CASE("until an atomic write is done, readers see the old file") {
  const Folder folder;
  write_old(folder.file("a.h5"));
  write_atomically(folder.file("a.h5"), "test", 1, [&](Hdf5File& file) {
    file.write("/a", new_numbers, {1});
    CHECK(numbers_in(folder.file("a.h5")) == old_numbers);
    CHECK(folder.size() == 2);
  });
}

TEST_CASE("a full disk during an atomic write is an io error that leaves the old file") {
  const Folder folder;
  write_old(folder.file("a.h5"));
  const std::size_t before = tests::open_descriptors();
  for (const std::size_t count : {1U, 3000U, 1000000U}) {
    const std::vector<double> many(count, 0.5);
    const auto error = refused(ErrorKind::io, [&] {
      write_atomically(folder.file("a.h5"), "test", 1, [&](Hdf5File& file) {
        fill_disk(folder);
        file.write("/a", many, {static_cast<std::int64_t>(count)});
      });
    });
    CHECK(holds(error.complaint().name, folder.file("a.h5")));
    CHECK(holds(error.complaint().remedy, "room"));
    CHECK(folder.size() == 1);
    CHECK(tests::open_descriptors() == before);
  }
  CHECK(numbers_in(folder.file("a.h5")) == old_numbers);
}

TEST_CASE("a file in which one write failed never takes its place, even if the failure is ignored") {
  const Folder folder;
  write_old(folder.file("a.h5"));
  const std::vector<double> many(3000, 0.5);
  const auto write = [&](Hdf5File& file) {
    fill_disk(folder);
    refused(ErrorKind::io, [&] { file.write("/a", many, {3000}); });
  };
  refused(ErrorKind::io, [&] { write_atomically(folder.file("a.h5"), "test", 1, write); });
  CHECK(numbers_in(folder.file("a.h5")) == old_numbers);
  CHECK(folder.size() == 1);
}

TEST_CASE("errors inside an atomic write name the file that was asked for") {
  const Folder folder;
  const auto write = [&] {
    write_atomically(folder.file("a.h5"), "test", 1, [](Hdf5File& file) { file.read<double>("/none"); });
  };
  CHECK(refused(ErrorKind::io, write).complaint().name == folder.file("a.h5:/none"));
  CHECK(folder.size() == 0);
}

TEST_CASE("an atomic write to a folder, or into one that does not exist, is refused") {
  const Folder folder;
  fs::create_directory(folder.file("sub"));
  for (const std::string& path : {folder.file("sub"), folder.file("none/a.h5"), std::string()})
    CHECK_FALSE(refused(ErrorKind::io, [&] { write_old(path); }).complaint().remedy.empty());
  CHECK(folder.size() == 1);
  CHECK(fs::is_empty(folder.file("sub")));
}

TEST_CASE("making a file where none can be is an io error") {
  const Folder folder;
  const auto error = refused(ErrorKind::io, [&] { Hdf5File::create(folder.file("none/a.h5"), "test", 1); });
  CHECK(error.complaint().name == folder.file("none/a.h5"));
  refused(ErrorKind::io, [&] { Hdf5File::create(folder.file(""), "test", 1); });
}

TEST_CASE("an atomic write through a link replaces the file behind it") {
  const Folder folder;
  write_old(folder.file("real.h5"));
  fs::create_symlink("real.h5", folder.file("link.h5"));
  write_atomically(folder.file("link.h5"), "test", 1, [](Hdf5File& file) { file.write("/a", new_numbers, {1}); });
  CHECK(fs::is_symlink(folder.file("link.h5")));
  CHECK(numbers_in(folder.file("real.h5")) == new_numbers);
}

TEST_CASE("what a killed run left behind does not stop the next") {
  const Folder folder;
  tests::save(folder.file("a.h5.tmp-" + std::to_string(::getpid()) + "-0"), "half a file");
  write_old(folder.file("a.h5"));
  CHECK(numbers_in(folder.file("a.h5")) == old_numbers);
  CHECK(folder.size() == 2);
}

TEST_CASE("an atomic write works in the current folder") {
  const Folder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.file(""));
  write_old("a.h5");
  fs::current_path(before);
  CHECK(numbers_in(folder.file("a.h5")) == old_numbers);
}
