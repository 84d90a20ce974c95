#include <algorithm>
#include <vector>

#include "core/hdf5_file.hpp"
#include "core/hdf5_handle.hpp"

namespace wordline::core {
namespace hdf5 {
namespace {

// Exceptions must not travel through the C library, so running out of memory becomes its failure code.
herr_t add_name(hid_t /*group*/, const char* name, const H5L_info_t* /*info*/, void* names) noexcept {
  try {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  } catch (...) {
    return -1;
  }
}

std::vector<std::string> names_in(hid_t group, const Where& where) {
  std::vector<std::string> names;
  checked(H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add_name, &names), where, "cannot list the group",
          damaged);
  std::sort(names.begin(), names.end());
  return names;
}

// What a user may have meant: the names in the nearest group that does exist.
[[noreturn]] void refuse_missing(hid_t file, const Where& where) {
  std::string group = parent_of(where.object);
  while (!object_exists(file, group)) group = parent_of(group);
  const Handle parent(H5Gopen2(file, group.c_str(), H5P_DEFAULT), H5Gclose);
  const std::string known = parent.valid() ? list_of(names_in(parent.get(), where)) : "";
  refuse(where, "the file holds no such object", "check the name, or that this is the file you mean", "",
         group + " holds " + (known.empty() ? "nothing" : known));
}

std::vector<std::string> paths_to(const std::string& object) {
  std::vector<std::string> paths;
  for (std::size_t end = object.find('/', 1); end != std::string::npos; end = object.find('/', end + 1))
    paths.push_back(object.substr(0, end));
  if (object != "/") paths.push_back(object);
  return paths;
}

}  // namespace

void check_path(const Where& where) {
  const std::string& o = where.object;
  const bool good = o == "/" || (o.starts_with('/') && !o.ends_with('/') && o.find("//") == std::string::npos &&
                                 o.find('\0') == std::string::npos);
  require(good, ErrorKind::value,
          {.rule = "an object is named by its absolute path",
           .name = where.file,
           .value = o,
           .unit = "",
           .allowed = "/name or /group/name",
           .remedy = ""});
}

std::string parent_of(const std::string& object) {
  const std::size_t slash = object.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : object.substr(0, slash);
}

bool object_exists(hid_t file, const std::string& object) {
  // H5Lexists asks about the last name only and fails when one above it is missing.
  for (const std::string& path : paths_to(object)) {
    if (H5Lexists(file, path.c_str(), H5P_DEFAULT) <= 0) return false;
    if (H5Oexists_by_name(file, path.c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return true;
}

Handle open_object(hid_t file, const Where& where) {
  check_path(where);
  if (!object_exists(file, where.object)) refuse_missing(file, where);
  return {checked(H5Oopen(file, where.object.c_str(), H5P_DEFAULT), where, "cannot open the object", damaged),
          H5Oclose};
}

void make_groups(hid_t file, const Where& where, const std::string& group) {
  const Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  for (const std::string& path : paths_to(group)) {
    if (object_exists(file, path)) continue;
    const Handle made(H5Gcreate2(file, path.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose);
    if (!made.valid())
      fail(where, "cannot make the group " + path, "is there room on the disk, and no dataset of that name?");
  }
}

}  // namespace hdf5

bool Hdf5File::exists(const std::string& object) const {
  const hdf5::Session session;
  hdf5::check_path({path_, object});
  return hdf5::object_exists(id(), object);
}

std::vector<std::string> Hdf5File::children(const std::string& group) const {
  const hdf5::Session session;
  const hdf5::Where where{path_, group};
  const hdf5::Handle object = hdf5::open_object(id(), where);
  if (H5Iget_type(object.get()) != H5I_GROUP) hdf5::refuse(where, "this is no group", "name the group that holds it");
  return hdf5::names_in(object.get(), where);
}

void Hdf5File::make_group(const std::string& group) {
  const hdf5::Session session;
  const hdf5::Where where{path_, group};
  hdf5::check_path(where);
  hdf5::make_groups(id(), where, group);
}

}  // namespace wordline::core
