#include "core/hdf5_handle.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>

namespace wordline::core::hdf5 {
namespace {

std::mutex& library() {
  static std::mutex mutex;
  return mutex;
}

herr_t take_reason(unsigned /*depth*/, const H5E_error2_t* error, void* text) {
  auto& out = *static_cast<std::string*>(text);
  if (out.empty() && error->desc != nullptr) out = error->desc;
  return 0;
}

int scratch_file() {
#ifdef __linux__
  return ::memfd_create("wordline", MFD_CLOEXEC);
#else
  std::FILE* const file = std::tmpfile();
  return file == nullptr ? -1 : ::fileno(file);
#endif
}

}  // namespace

Session::Session() : lock_(library()) { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::string reason() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_reason, &text);
  return text.empty() ? "no reason given" : text;
}

void refuse(const Where& where, const std::string& rule, const std::string& remedy, const std::string& value,
            const std::string& allowed) {
  throw Error(ErrorKind::io,
              {.rule = rule, .name = where.name(), .value = value, .unit = "", .allowed = allowed, .remedy = remedy});
}

void fail(const Where& where, const std::string& rule, const std::string& remedy) {
  refuse(where, rule + " (HDF5 says: " + reason() + ")", remedy);
}

void forget_disk(hid_t file) {
  void* descriptor = nullptr;
  if (H5Fget_vfd_handle(file, H5P_DEFAULT, &descriptor) < 0 || descriptor == nullptr) return;
  const int scratch = scratch_file();
  if (scratch < 0) return;
  ::dup2(scratch, *static_cast<int*>(descriptor));
  ::close(scratch);
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > most ? text + ", ..." : text;
}

}  // namespace wordline::core::hdf5
