#include <limits>
#include <vector>

#include "core/hdf5_file.hpp"
#include "core/hdf5_handle.hpp"

namespace wordline::core {
namespace {

using hdf5::checked;
using hdf5::damaged;
using hdf5::Handle;
using hdf5::refuse;
using hdf5::Session;
using hdf5::Where;

// Text has a fixed length: text of variable length lies in a part of the file that has no checksum.
Handle text_type(std::size_t size, H5T_cset_t letters) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), size);
  H5Tset_cset(type.get(), letters);
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  return type;
}

void replace(hid_t object, const Where& where, const std::string& name, hid_t file_type, hid_t memory_type,
             const void* value) {
  if (H5Aexists(object, name.c_str()) > 0)
    checked(H5Adelete(object, name.c_str()), where, "cannot replace the attribute", damaged);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(H5Acreate2(object, name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  checked(attribute.valid() ? H5Awrite(attribute.get(), memory_type, value) : herr_t{-1}, where,
          "cannot write the attribute", hdf5::unwritten);
}

void replace_text(hid_t object, const Where& where, const std::string& name, const std::string& text) {
  require(text.find('\0') == std::string::npos, ErrorKind::value,
          {.rule = "the text of an attribute holds no zero byte",
           .name = where.name(),
           .value = "",
           .unit = "",
           .allowed = "",
           .remedy = "write bytes as a dataset"});
  const std::string bytes = text.empty() ? std::string(1, '\0') : text;  // HDF5 has no text of length 0
  const Handle type = text_type(bytes.size(), H5T_CSET_UTF8);
  replace(object, where, name, type.get(), type.get(), bytes.data());
}

[[noreturn]] void refuse_value(const Where& where, const Value& value) {
  throw Error(ErrorKind::type, {.rule = "an attribute is one text or number",
                                .name = where.name(),
                                .value = show(value),
                                .unit = "",
                                .allowed = "",
                                .remedy = "store a tree of settings as its JSON text"});
}

void replace_value(hid_t object, const Where& where, const std::string& name, const Value& value) {
  if (value.is_string()) {
    replace_text(object, where, name, value.get_ref<const std::string&>());
  } else if (value.is_number_float()) {
    const auto x = value.get<double>();
    replace(object, where, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &x);
  } else if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    const auto x = value.get<std::uint64_t>();  // a seed may be that large
    replace(object, where, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &x);
  } else if (value.is_number_integer()) {
    const auto x = value.get<std::int64_t>();
    replace(object, where, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &x);
  } else {
    refuse_value(where, value);
  }
}

// h5py writes text of variable length.
std::string read_long_text(hid_t attribute, H5T_cset_t letters, const Where& where) {
  const Handle type = text_type(H5T_VARIABLE, letters);
  char* text = nullptr;
  checked(H5Aread(attribute, type.get(), static_cast<void*>(&text)), where, "cannot read the text", damaged);
  const std::string out = text == nullptr ? "" : text;
  H5free_memory(text);
  return out;
}

std::string read_text(hid_t attribute, hid_t stored, const Where& where) {
  const H5T_cset_t letters = H5Tget_cset(stored);
  if (H5Tis_variable_str(stored) > 0) return read_long_text(attribute, letters, where);
  std::string text(H5Tget_size(stored), '\0');
  const Handle type = text_type(text.size(), letters);
  checked(H5Aread(attribute, type.get(), text.data()), where, "cannot read the text", damaged);
  return text.substr(0, text.find('\0'));
}

template <class T>
T read_number(hid_t attribute, hid_t memory_type, const Where& where) {
  T x{};
  checked(H5Aread(attribute, memory_type, &x), where, "cannot read the number", damaged);
  return x;
}

Value read_value(hid_t attribute, const Where& where) {
  const Handle type(checked(H5Aget_type(attribute), where, "cannot read the type", damaged), H5Tclose);
  const Handle space(checked(H5Aget_space(attribute), where, "cannot read the shape", damaged), H5Sclose);
  const H5T_class_t kind = H5Tget_class(type.get());
  const std::size_t size = H5Tget_size(type.get());
  if (H5Sget_simple_extent_npoints(space.get()) != 1)
    refuse(where, "the attribute is no single value", "check its name");
  if (kind == H5T_STRING) return read_text(attribute, type.get(), where);
  if (kind == H5T_FLOAT && size <= 8) return read_number<double>(attribute, H5T_NATIVE_DOUBLE, where);
  if (kind != H5T_INTEGER || size > 8) refuse(where, "the attribute is neither text nor number", "check its name");
  if (H5Tget_sign(type.get()) == H5T_SGN_2) return read_number<std::int64_t>(attribute, H5T_NATIVE_INT64, where);
  const auto x = read_number<std::uint64_t>(attribute, H5T_NATIVE_UINT64, where);
  // Small ones come back as what set_attribute was given.
  if (x > std::numeric_limits<std::int64_t>::max()) return x;
  return static_cast<std::int64_t>(x);
}

herr_t add_name(hid_t /*object*/, const char* name, const H5A_info_t* /*info*/, void* names) noexcept {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;
  }
}

[[noreturn]] void refuse_missing(hid_t object, const Where& where) {
  std::vector<std::string> names;
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name, &names);
  refuse(where, "there is no such attribute", "check its name, or that this is the file you mean", "",
         names.empty() ? "none" : hdf5::list_of(names));
}

// "/G, attribute unit": as messages name it.
std::string label(const std::string& object, const std::string& name) { return object + ", attribute " + name; }

void check_name(const Where& where, const std::string& name) {
  require(!name.empty() && name.find('\0') == std::string::npos, ErrorKind::value,
          {.rule = "an attribute has a name without zero bytes",
           .name = where.name(),
           .value = name,
           .unit = "",
           .allowed = "",
           .remedy = ""});
}

[[noreturn]] void refuse_kind(const Where& where, const Value& value, const std::string& allowed) {
  refuse(where, "the attribute is of another kind", "check that this is the file you mean", show(value), allowed);
}

}  // namespace

void Hdf5File::set_attribute(const std::string& object, const std::string& name, const Value& value) {
  const Session session;
  check_name({path_, object}, name);
  const Handle owner = hdf5::open_object(id(), {path_, object});
  replace_value(owner.get(), {path_, label(object, name)}, name, value);
}

bool Hdf5File::has_attribute(const std::string& object, const std::string& name) const {
  const Session session;
  const Handle owner = hdf5::open_object(id(), {path_, object});
  return checked(H5Aexists(owner.get(), name.c_str()), {path_, object}, "cannot read the attributes", damaged) > 0;
}

Value Hdf5File::attribute(const std::string& object, const std::string& name) const {
  const Session session;
  const Where where{path_, label(object, name)};
  const Handle owner = hdf5::open_object(id(), {path_, object});
  if (checked(H5Aexists(owner.get(), name.c_str()), where, "cannot read the attributes", damaged) == 0)
    refuse_missing(owner.get(), where);
  const Handle attribute(
      checked(H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT), where, "cannot read the attribute", damaged), H5Aclose);
  return read_value(attribute.get(), where);
}

std::string Hdf5File::attribute_text(const std::string& object, const std::string& name) const {
  const Value value = attribute(object, name);
  if (!value.is_string()) refuse_kind({path_, label(object, name)}, value, "text");
  return value.get<std::string>();
}

std::int64_t Hdf5File::attribute_integer(const std::string& object, const std::string& name) const {
  const Value value = attribute(object, name);
  if (!value.is_number_integer() || value.is_number_unsigned())
    refuse_kind({path_, label(object, name)}, value, "a whole number of at most 63 bits");
  return value.get<std::int64_t>();
}

double Hdf5File::attribute_number(const std::string& object, const std::string& name) const {
  const Value value = attribute(object, name);
  if (!value.is_number()) refuse_kind({path_, label(object, name)}, value, "a number");
  return value.get<double>();
}

}  // namespace wordline::core
