#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"

/// What core/hdf5*.cpp share; nobody else includes this.
namespace wordline::core::hdf5 {

static_assert(sizeof(hid_t) == 8, "Hdf5File keeps an hid_t in an int64");

/// The right to call the library. HDF5's serial build keeps global state without locks of its own, so every call of
/// the process into it happens while one of these lives: one mutex for all files. It also switches off the library's
/// printing of errors, for good: what a damaged file leaves behind in the library would be reported at exit otherwise.
class Session {
 public:
  Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::lock_guard<std::mutex> lock_;
};

/// What messages name: a file and, unless empty, an object in it.
struct Where {
  std::string file, object;
  std::string name() const { return object.empty() ? file : file + ":" + object; }
};

/// The remedy where the library cannot read what it should be able to.
inline constexpr const char* damaged = "the file is damaged; restore it from a copy or make it anew";
/// The remedy where it cannot write.
inline constexpr const char* unwritten = "is there room on the disk, and may the file be written?";

/// Throws Error(io) about `where`.
[[noreturn]] void refuse(const Where& where, const std::string& rule, const std::string& remedy,
                         const std::string& value = "", const std::string& allowed = "");
/// The same for a failed call of the library; adds the reason that the library gives.
[[noreturn]] void fail(const Where& where, const std::string& rule, const std::string& remedy);
/// The innermost reason on the library's error stack.
std::string reason();

/// After a failed write the library can neither finish nor drop what it still holds, and would try again until the
/// process ends, noisily. This lets it finish into nowhere: a scratch file in memory takes the place of the real one.
void forget_disk(hid_t file);

/// Passes a result on unless it says that the call failed.
template <class Result>
Result checked(Result result, const Where& where, const std::string& rule, const std::string& remedy) {
  if (result < 0) fail(where, rule, remedy);
  return result;
}

/// Owns one id of the library; made and destroyed inside a Session.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }

  hid_t get() const { return id_; }
  bool valid() const { return id_ >= 0; }
  hid_t release() { return std::exchange(id_, -1); }

 private:
  hid_t id_;
  Close close_;
};

/// The object called `where.object`; a missing one is refused with the names beside it.
Handle open_object(hid_t file, const Where& where);
bool object_exists(hid_t file, const std::string& object);
/// Makes groups down to `group`, none of them with a time stamp: equal contents give equal files.
void make_groups(hid_t file, const Where& where, const std::string& group);
/// The group that holds `object`.
std::string parent_of(const std::string& object);
/// Refuses what is no absolute path.
void check_path(const Where& where);
/// "a, b, c", cut after twenty names.
std::string list_of(const std::vector<std::string>& names);

}  // namespace wordline::core::hdf5
