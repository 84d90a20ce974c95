#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "core/error.hpp"
#include "core/hdf5_file.hpp"

namespace wordline::core {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& rule, int error) {
  throw Error(ErrorKind::io, {.rule = rule + " (" + std::generic_category().message(error) + ")",
                              .name = path,
                              .value = "",
                              .unit = "",
                              .allowed = "",
                              .remedy = "check that the folder exists, may be written to and has room"});
}

// A file of our own beside `path`, removed unless it was renamed. O_EXCL finds a free name even where a killed run of
// the same process number left one behind.
class Temporary {
 public:
  explicit Temporary(const std::string& path) {
    const std::string stem = path + ".tmp-" + std::to_string(::getpid()) + "-";
    for (int n = 0;; ++n) {
      name_ = stem + std::to_string(n);
      const int file = ::open(name_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
      if (file >= 0) {
        ::close(file);
        return;
      }
      if (errno != EEXIST) refuse(path, "cannot make a file in this folder", errno);
    }
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }

  const std::string& name() const { return name_; }
  void move_to(const std::string& path) {
    if (std::rename(name_.c_str(), path.c_str()) != 0) refuse(path, "cannot put the new file in place", errno);
    name_.clear();
  }

 private:
  std::string name_;
};

// Only after this does a power failure find the file, or the folder's new entry, on the disk.
void sync(const std::string& path, const std::string& reported) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) refuse(reported, "cannot open the new file to sync it", errno);
  const int error = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  // Some file systems cannot sync a folder; they keep the order of changes by other means.
  if (error != 0 && error != EINVAL && error != ENOTSUP) refuse(reported, "cannot sync the new file to disk", error);
}

// A link is followed: the file it points to is replaced, not the link.
std::string target_of(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) refuse(path, "this is a folder", EISDIR);
  if (!fs::is_symlink(path, error)) return path;
  const fs::path target = fs::canonical(path, error);
  if (error) refuse(path, "the link leads nowhere", error.value());
  return target.string();
}

}  // namespace

void write_atomically(const std::string& path, const std::string& kind, std::int64_t format_version,
                      const std::function<void(Hdf5File&)>& fill) {
  const std::string target = target_of(path);
  Temporary temporary(target);
  Hdf5File file = Hdf5File::create(temporary.name(), kind, format_version);
  file.path_ = path;
  fill(file);
  file.close();
  sync(temporary.name(), path);
  temporary.move_to(target);
  const fs::path folder = fs::path(target).parent_path();
  sync(folder.empty() ? "." : folder.string(), path);
}

}  // namespace wordline::core
