#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/value.hpp"

namespace wordline::core {

/// Lengths of the axes of a dataset, slowest first; empty for a single number.
using Hdf5Shape = std::vector<std::int64_t>;

/// The numbers of one dataset, row-major.
template <class T>
struct Hdf5Array {
  std::vector<T> data;
  Hdf5Shape shape;
};

/// An open HDF5 file; docs/file_format.md says what ours hold. Objects are named by absolute paths ("/chips/3/G").
///
/// Every failure of file or library is an Error(io) that names the file, the object in it and what to do; the library
/// itself prints nothing. Calls from several threads are safe: they wait for each other. A file is changed only where
/// it was created, never opened for writing again.
class Hdf5File {
 public:
  /// Makes a new file, replacing an old one, and writes the root attributes that say what it is: wordline_format
  /// (`kind`: "study", "chip", ...), format_version, wordline_version and git_id.
  static Hdf5File create(const std::string& path, const std::string& kind, std::int64_t format_version);
  /// Opens any HDF5 file for reading.
  static Hdf5File open(const std::string& path);
  /// Opens a file that create() made: refuses another kind, and a version above `max_version`.
  static Hdf5File open(const std::string& path, const std::string& kind, std::int64_t max_version);

  Hdf5File(Hdf5File&& other) noexcept;
  Hdf5File& operator=(Hdf5File&& other) noexcept;
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;
  ~Hdf5File();

  /// Writes everything out and says so if that, or any write before, failed; the destructor closes too, but cannot
  /// tell.
  void close();

  bool exists(const std::string& object) const;
  /// Names inside a group, sorted.
  std::vector<std::string> children(const std::string& group) const;
  /// Makes the group and those above it, where they do not exist.
  void make_group(const std::string& group);

  /// Writes a new dataset; the groups above it are made as needed. `data` fills `shape` exactly. `deflate` is the level
  /// of compression, 0 (none) to 9.
  void write(const std::string& object, std::span<const double> data, const Hdf5Shape& shape, int deflate = 0);
  void write(const std::string& object, std::span<const float> data, const Hdf5Shape& shape, int deflate = 0);
  void write(const std::string& object, std::span<const std::int64_t> data, const Hdf5Shape& shape, int deflate = 0);
  void write(const std::string& object, std::span<const std::uint8_t> data, const Hdf5Shape& shape, int deflate = 0);

  /// Reads a whole dataset as double, float, std::int64_t or std::uint8_t. The stored type may be a narrower one that
  /// fits without loss; any other is refused.
  template <class T>
  Hdf5Array<T> read(const std::string& object) const;
  /// The same, refusing every other shape; -1 stands for any length.
  template <class T>
  std::vector<T> read(const std::string& object, const Hdf5Shape& shape) const;

  /// Sets an attribute of a group or dataset to one text or number, replacing an old value. Trees of settings are
  /// stored as JSON text.
  void set_attribute(const std::string& object, const std::string& name, const Value& value);
  bool has_attribute(const std::string& object, const std::string& name) const;
  /// A text, an integer or a number, as it was stored.
  Value attribute(const std::string& object, const std::string& name) const;
  std::string attribute_text(const std::string& object, const std::string& name) const;
  std::int64_t attribute_integer(const std::string& object, const std::string& name) const;
  double attribute_number(const std::string& object, const std::string& name) const;

 private:
  Hdf5File(std::string path, std::int64_t id);
  friend void write_atomically(const std::string& path, const std::string& kind, std::int64_t format_version,
                               const std::function<void(Hdf5File&)>& fill);

  std::int64_t id() const;  // refuses a closed file
  [[noreturn]] void give_up(const std::string& object, const std::string& rule);
  void check_format(const std::string& kind, std::int64_t max_version) const;
  template <class T>
  void write_numbers(const std::string& object, std::span<const T> data, const Hdf5Shape& shape, int deflate);

  std::string path_;      // as messages name it
  std::int64_t id_ = -1;  // hid_t
  bool broken_ = false;   // a write failed: the file cannot become whole any more
};

/// Makes a file that appears at `path` whole or not at all: `fill` writes a temporary file in the same folder, which is
/// synced to disk and then renamed over `path`. When anything fails, an old file at `path` stays as it was, the
/// temporary one is removed and the exception arrives here. A killed program can leave "<path>.tmp-..." behind.
void write_atomically(const std::string& path, const std::string& kind, std::int64_t format_version,
                      const std::function<void(Hdf5File&)>& fill);

}  // namespace wordline::core
