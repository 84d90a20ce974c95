#include "core/hdf5_handle.hpp"

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

}  // namespace

Session::Session() : lock_(library()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Session::~Session() { H5Eset_auto2(H5E_DEFAULT, print_, print_data_); }

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

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > most ? text + ", ..." : text;
}

}  // namespace wordline::core::hdf5
