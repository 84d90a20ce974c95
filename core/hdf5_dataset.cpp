#include <algorithm>
#include <limits>
#include <new>

#include "core/hdf5_file.hpp"
#include "core/hdf5_handle.hpp"
#include "core/parallel.hpp"

namespace wordline::core {
namespace {

using hdf5::checked;
using hdf5::damaged;
using hdf5::Handle;
using hdf5::refuse;
using hdf5::Session;
using hdf5::unwritten;
using hdf5::Where;

constexpr std::int64_t compact_bytes = 4096;       // up to here data stand inside the object header
constexpr std::int64_t chunk_bytes = 1024 * 1024;  // HDF5's default chunk cache holds one

// The H5T_ names are calls into the library, so these too need a Session.
template <class T>
struct Number;
template <>
struct Number<double> {
  static constexpr const char* name = "float64";
  static hid_t memory() { return H5T_NATIVE_DOUBLE; }
  static hid_t file() { return H5T_IEEE_F64LE; }
};
template <>
struct Number<float> {
  static constexpr const char* name = "float32";
  static hid_t memory() { return H5T_NATIVE_FLOAT; }
  static hid_t file() { return H5T_IEEE_F32LE; }
};
template <>
struct Number<std::int64_t> {
  static constexpr const char* name = "int64";
  static hid_t memory() { return H5T_NATIVE_INT64; }
  static hid_t file() { return H5T_STD_I64LE; }
};
template <>
struct Number<std::uint8_t> {
  static constexpr const char* name = "uint8";
  static hid_t memory() { return H5T_NATIVE_UINT8; }
  static hid_t file() { return H5T_STD_U8LE; }
};

std::string text_of(const Hdf5Shape& shape) {
  std::string text;
  for (const std::int64_t n : shape) text += (text.empty() ? "" : ", ") + (n < 0 ? "any" : std::to_string(n));
  return "[" + text + "]";
}

// Number of elements, -1 where the shape is none (a negative length, more axes than HDF5 has, too large a product).
std::int64_t count_of(const Hdf5Shape& shape) {
  if (shape.size() > H5S_MAX_RANK || std::any_of(shape.begin(), shape.end(), [](auto n) { return n < 0; })) return -1;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const std::int64_t n : shape) {
    if (count > std::numeric_limits<std::int64_t>::max() / 16 / n) return -1;
    count *= n;
  }
  return count;
}

std::vector<hsize_t> chunk_of(const Hdf5Shape& shape, std::int64_t bytes) {
  std::vector<hsize_t> chunk(shape.begin(), shape.end());
  // Cuts the slowest axes first, so that a chunk is a run of whole rows as long as rows are short.
  for (hsize_t& n : chunk) {
    const std::int64_t pieces = block_count(bytes, chunk_bytes);
    const auto length = static_cast<std::int64_t>(n);
    const std::int64_t cut = std::max<std::int64_t>(1, length / pieces);
    bytes = bytes / length * cut;
    n = static_cast<hsize_t>(cut);
  }
  return chunk;
}

// Small data share the checksum of their object header, larger ones get chunks with a checksum each: contiguous data
// would have none, and a flipped bit would become a wrong conductance without a word.
Handle creation_properties(const Hdf5Shape& shape, std::int64_t bytes, int deflate) {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER);
  if (bytes <= compact_bytes) {
    H5Pset_layout(properties.get(), H5D_COMPACT);
    return properties;
  }
  const auto chunk = chunk_of(shape, bytes);
  H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data());
  if (deflate > 0) {
    H5Pset_shuffle(properties.get());
    H5Pset_deflate(properties.get(), static_cast<unsigned>(deflate));
  }
  H5Pset_fletcher32(properties.get());
  return properties;
}

Handle make_space(const Hdf5Shape& shape) {
  const std::vector<hsize_t> lengths(shape.begin(), shape.end());
  if (lengths.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  return {H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr), H5Sclose};
}

void check_arguments(const Where& where, std::size_t size, const Hdf5Shape& shape, int deflate) {
  hdf5::check_path(where);
  require(count_of(shape) == static_cast<std::int64_t>(size), ErrorKind::value,
          {.rule = "a dataset's shape holds exactly its numbers",
           .name = where.name(),
           .value = "shape " + text_of(shape),
           .unit = "",
           .allowed = "shapes of " + std::to_string(size) + " numbers",
           .remedy = ""});
  require(deflate >= 0 && deflate <= 9, ErrorKind::value,
          {.rule = "no such level of compression",
           .name = where.name(),
           .value = std::to_string(deflate),
           .unit = "",
           .allowed = "[0, 9]",
           .remedy = ""});
}

// Whether every value of the stored type is a value of T.
template <class T>
bool fits(hid_t stored) {
  const H5T_class_t kind = H5Tget_class(stored);
  const std::size_t size = H5Tget_size(stored);
  const bool is_signed = kind == H5T_INTEGER && H5Tget_sign(stored) == H5T_SGN_2;
  if constexpr (std::is_floating_point_v<T>)
    return (kind == H5T_FLOAT && size <= sizeof(T)) || (kind == H5T_INTEGER && size <= sizeof(T) / 2);
  else if constexpr (std::is_signed_v<T>)
    return kind == H5T_INTEGER && (size < sizeof(T) || (size == sizeof(T) && is_signed));
  else
    return kind == H5T_INTEGER && size <= sizeof(T) && !is_signed;
}

std::string type_name(hid_t type) {
  const std::string bits = std::to_string(8 * H5Tget_size(type));
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return (H5Tget_sign(type) == H5T_SGN_2 ? "int" : "uint") + bits;
    case H5T_FLOAT:
      return "float" + bits;
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "a compound type";
    case H5T_ENUM:
      return "an enumeration";
    default:
      return "no plain number";
  }
}

Hdf5Shape shape_of(hid_t dataset, const Where& where) {
  const Handle space(checked(H5Dget_space(dataset), where, "cannot read the shape", damaged), H5Sclose);
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) return {0};
  const int rank = checked(H5Sget_simple_extent_ndims(space.get()), where, "cannot read the shape", damaged);
  std::vector<hsize_t> lengths(static_cast<std::size_t>(rank));
  checked(H5Sget_simple_extent_dims(space.get(), lengths.data(), nullptr), where, "cannot read the shape", damaged);
  return {lengths.begin(), lengths.end()};
}

// A damaged or malicious shape must not make us ask for all memory. 2000 is beyond the best ratio of deflate.
void check_plausible(hid_t dataset, const Where& where, std::int64_t count, std::int64_t size) {
  hsize_t file_bytes = 0;
  const Handle file(H5Iget_file_id(dataset), H5Fclose);
  checked(H5Fget_filesize(file.get(), &file_bytes), where, "cannot read the file's size", damaged);
  if (count < 0 || count / 2000 > static_cast<std::int64_t>(file_bytes) / size)
    refuse(where, "the dataset claims more numbers than the file can hold", damaged);
}

template <class T>
Hdf5Array<T> read_array(hid_t dataset, const Where& where) {
  const Handle type(checked(H5Dget_type(dataset), where, "cannot read the type", damaged), H5Tclose);
  if (!fits<T>(type.get()))
    refuse(where, "the dataset is of another type", "check that this is the dataset you mean", type_name(type.get()),
           Number<T>::name + std::string(" or narrower"));
  Hdf5Array<T> array{.data = {}, .shape = shape_of(dataset, where)};
  const std::int64_t count = count_of(array.shape);
  check_plausible(dataset, where, count, sizeof(T));
  array.data.resize(static_cast<std::size_t>(count));
  if (count > 0)
    checked(H5Dread(dataset, Number<T>::memory(), H5S_ALL, H5S_ALL, H5P_DEFAULT, array.data.data()), where,
            "cannot read the numbers", damaged);
  return array;
}

bool matches(const Hdf5Shape& shape, const Hdf5Shape& wanted) {
  return std::equal(shape.begin(), shape.end(), wanted.begin(), wanted.end(),
                    [](auto have, auto want) { return want == -1 || have == want; });
}

}  // namespace

template <class T>
void Hdf5File::write_numbers(const std::string& object, std::span<const T> data, const Hdf5Shape& shape, int deflate) {
  const Session session;
  const Where where{path_, object};
  check_arguments(where, data.size(), shape, deflate);
  if (hdf5::object_exists(id(), object)) refuse(where, "the object exists already", "give another name");
  hdf5::make_groups(id(), where, hdf5::parent_of(object));
  const Handle space = make_space(shape);
  const Handle properties = creation_properties(shape, static_cast<std::int64_t>(data.size_bytes()), deflate);
  const Handle dataset(checked(H5Dcreate2(id(), object.c_str(), Number<T>::file(), space.get(), H5P_DEFAULT,
                                          properties.get(), H5P_DEFAULT),
                               where, "cannot make the dataset", unwritten),
                       H5Dclose);
  if (data.empty()) return;
  // Flushed here, because closing the dataset would write its last chunks and could not say that it failed.
  const bool written = H5Dwrite(dataset.get(), Number<T>::memory(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data.data()) >= 0 &&
                       H5Dflush(dataset.get()) >= 0;
  if (!written) give_up(object, "cannot write the numbers");
}

void Hdf5File::write(const std::string& object, std::span<const double> data, const Hdf5Shape& shape, int deflate) {
  write_numbers(object, data, shape, deflate);
}
void Hdf5File::write(const std::string& object, std::span<const float> data, const Hdf5Shape& shape, int deflate) {
  write_numbers(object, data, shape, deflate);
}
void Hdf5File::write(const std::string& object, std::span<const std::int64_t> data, const Hdf5Shape& shape,
                     int deflate) {
  write_numbers(object, data, shape, deflate);
}
void Hdf5File::write(const std::string& object, std::span<const std::uint8_t> data, const Hdf5Shape& shape,
                     int deflate) {
  write_numbers(object, data, shape, deflate);
}

template <class T>
Hdf5Array<T> Hdf5File::read(const std::string& object) const {
  const Session session;
  const Where where{path_, object};
  const Handle dataset = hdf5::open_object(id(), where);
  if (H5Iget_type(dataset.get()) != H5I_DATASET) refuse(where, "this is no dataset", "name one of the datasets in it");
  try {
    return read_array<T>(dataset.get(), where);
  } catch (const std::bad_alloc&) {
    refuse(where, "the dataset does not fit into memory", "use a machine with more of it");
  }
}

template <class T>
std::vector<T> Hdf5File::read(const std::string& object, const Hdf5Shape& shape) const {
  Hdf5Array<T> array = read<T>(object);
  if (!matches(array.shape, shape))
    refuse({path_, object}, "the dataset has another shape", "check that this is the file you mean",
           text_of(array.shape), text_of(shape));
  return std::move(array.data);
}

template Hdf5Array<double> Hdf5File::read(const std::string&) const;
template Hdf5Array<float> Hdf5File::read(const std::string&) const;
template Hdf5Array<std::int64_t> Hdf5File::read(const std::string&) const;
template Hdf5Array<std::uint8_t> Hdf5File::read(const std::string&) const;
template std::vector<double> Hdf5File::read(const std::string&, const Hdf5Shape&) const;
template std::vector<float> Hdf5File::read(const std::string&, const Hdf5Shape&) const;
template std::vector<std::int64_t> Hdf5File::read(const std::string&, const Hdf5Shape&) const;
template std::vector<std::uint8_t> Hdf5File::read(const std::string&, const Hdf5Shape&) const;

}  // namespace wordline::core
