#include "core/hdf5_file.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include "core/hdf5_handle.hpp"
#include "core/version.hpp"

namespace wordline::core {
namespace {

namespace fs = std::filesystem;
using hdf5::checked;
using hdf5::Handle;
using hdf5::Session;
using hdf5::Where;

// The signature stands at 0 or, behind a user block (MATLAB writes one), at 512, 1024, 2048, ...
bool has_signature(std::ifstream& file, std::uintmax_t size) {
  constexpr std::array<char, 8> signature{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  for (std::uintmax_t at = 0; at + signature.size() <= size; at = at == 0 ? 512 : 2 * at) {
    std::array<char, 8> found{};
    file.seekg(static_cast<std::streamoff>(at));
    if (file.read(found.data(), found.size()) && found == signature) return true;
  }
  return false;
}

// Says in plain words what the library would say in its own.
void check_is_hdf5(const std::string& path) {
  const Where where{path, ""};
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) hdf5::refuse(where, "there is no such file", "check the path");
  if (fs::is_directory(status)) hdf5::refuse(where, "this is a folder", "name a file in it");
  if (!fs::is_regular_file(status)) hdf5::refuse(where, "this is no ordinary file", "give an HDF5 file");
  std::ifstream file(path, std::ios::binary);
  if (!file) hdf5::refuse(where, "the file cannot be read", "check its permissions");
  const std::uintmax_t size = fs::file_size(path, error);
  if (!has_signature(file, error ? 0 : size))
    hdf5::refuse(where, "this is no HDF5 file, or only the rest of one", "give an HDF5 file");
}

// New-style metadata carries checksums, so a damaged file is noticed before it can confuse the library; strong closing
// makes close() final.
Handle access_properties() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  H5Pset_file_locking(access.get(), true, true);  // best effort: some cluster file systems have no locks
  return access;
}

[[noreturn]] void refuse_opening(const Where& where) {
  if (hdf5::reason().find("unable to lock") != std::string::npos)
    hdf5::fail(where, "another program has the file open", "close it there");
  hdf5::fail(where, "the file is damaged or cut short", "restore it from a copy or make it anew");
}

// Why the file is not whole; empty when it is. Flushes first, since a close that fails half-way cannot be undone.
std::string close_or_forget(hid_t id, bool broken) {
  std::string reason = broken ? "an earlier write failed" : "";
  if (!broken && H5Fflush(id, H5F_SCOPE_LOCAL) < 0) {
    reason = hdf5::reason();
    hdf5::forget_disk(id);
  }
  if (H5Fclose(id) < 0 && reason.empty()) reason = hdf5::reason();
  return reason;
}

}  // namespace

Hdf5File::Hdf5File(std::string path, std::int64_t id) : path_(std::move(path)), id_(id) {}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept
    : path_(std::move(other.path_)), id_(std::exchange(other.id_, -1)), broken_(other.broken_) {}

Hdf5File& Hdf5File::operator=(Hdf5File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(id_, other.id_);
  std::swap(broken_, other.broken_);
  return *this;
}

Hdf5File::~Hdf5File() {
  if (id_ < 0) return;
  const Session session;
  close_or_forget(id_, broken_);
}

std::int64_t Hdf5File::id() const {
  if (id_ < 0) hdf5::refuse({path_, ""}, "the file is closed already", "close it after its last use");
  return id_;
}

void Hdf5File::close() {
  if (id_ < 0) return;
  const Session session;
  const std::string reason = close_or_forget(std::exchange(id_, -1), broken_);
  if (!reason.empty())
    hdf5::refuse({path_, ""}, "the file could not be written to its end (HDF5 says: " + reason + ")", hdf5::unwritten);
}

void Hdf5File::give_up(const std::string& object, const std::string& rule) {
  const std::string reason = hdf5::reason();
  hdf5::forget_disk(id_);
  broken_ = true;
  hdf5::refuse({path_, object}, rule + " (HDF5 says: " + reason + ")", hdf5::unwritten);
}

Hdf5File Hdf5File::create(const std::string& path, const std::string& kind, std::int64_t format_version) {
  const auto make = [&path]() -> hid_t {
    const Session session;
    const Handle access = access_properties();
    const Handle properties(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
    H5Pset_obj_track_times(properties.get(), false);
    return checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, properties.get(), access.get()), {path, ""},
                   "cannot make the file", "check that the folder exists, may be written to and has room");
  };
  Hdf5File file(path, make());
  file.set_attribute("/", "wordline_format", kind);
  file.set_attribute("/", "format_version", format_version);
  file.set_attribute("/", "wordline_version", std::string(version()));
  file.set_attribute("/", "git_id", std::string(git_id()));
  return file;
}

Hdf5File Hdf5File::open(const std::string& path) {
  check_is_hdf5(path);
  const Session session;
  const Handle access = access_properties();
  const hid_t id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get());
  if (id < 0) refuse_opening({path, ""});
  return {path, id};
}

Hdf5File Hdf5File::open(const std::string& path, const std::string& kind, std::int64_t max_version) {
  Hdf5File file = open(path);
  file.check_format(kind, max_version);
  return file;
}

void Hdf5File::check_format(const std::string& kind, std::int64_t max_version) const {
  const Where where{path_, ""};
  if (!has_attribute("/", "wordline_format"))
    hdf5::refuse(where, "this HDF5 file was not made by Wordline", "give a file of the kind \"" + kind + "\"");
  const std::string found = attribute_text("/", "wordline_format");
  if (found != kind) hdf5::refuse(where, "this is a file of another kind", "give the right file", found, kind);
  const std::int64_t version = attribute_integer("/", "format_version");
  const std::string newest = std::to_string(max_version);
  if (version > max_version)
    hdf5::refuse(where, "the file's format is newer than this Wordline",
                 "read it with Wordline " + attribute_text("/", "wordline_version") + " or newer",
                 "format_version " + std::to_string(version), "up to " + newest);
  if (version < 1)
    hdf5::refuse(where, "the file's format has no such version", "make it anew", std::to_string(version),
                 "1 to " + newest);
}

}  // namespace wordline::core
