#include <unistd.h>

#include "devices/table_file.hpp"

#include <filesystem>
#include <fstream>

#include "core/hdf5_file.hpp"
#include "tests/catch.hpp"
#include "tests/devices/cases.hpp"

/// Measured tables in files: what is read, and what each damage is called.
namespace {

using namespace wordline;
using Catch::Matchers::ContainsSubstring;
using core::Value;

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("wordline_table_file_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string csv(const std::string& text) const {
    std::ofstream(file("device.csv"), std::ios::binary) << text;
    return file("device.csv");
  }
  // Columns of two rows under the names given.
  std::string hdf5(const std::vector<std::string>& names, const char* unit = nullptr) const {
    auto out = core::Hdf5File::create(file("device.h5"), "table", 1);
    for (const auto& name : names) {
      const std::vector<double> column = name.starts_with("time") ? std::vector{1.0, 1.0} : std::vector{10.0, 20.0};
      out.write("/" + name, std::span<const double>(column), {2});
      if (unit != nullptr && name == "state") out.set_attribute("/state", "unit", unit);
    }
    out.close();
    return file("device.h5");
  }

 private:
  std::filesystem::path path_;
};

const std::string good =
    "state_uS,time_h,mean_uS,sigma_nS\n"
    "10,1,9.5,120\n"
    "20,1,19,250\n";

std::string refusal(const std::string& path) {
  return cases::message([&] { devices::read_table(path); });
}

}  // namespace

TEST_CASE("a .csv table is read in the units of its header") {
  const Folder folder;
  const Value read = devices::read_table(folder.csv(good));
  CHECK(read.at("state") == Value({10e-6, 20e-6}));
  CHECK(read.at("time") == Value({3600.0, 3600.0}));
  CHECK(read.at("mean") == Value({9.5e-6, 19e-6}));
  CHECK(read.at("sigma") == Value({120e-9, 250e-9}));
  const Value si = devices::read_table(folder.csv("time,state,sigma,mean\n1,1e-5,0,1e-5\n1,2e-5,0,2e-5\n"));
  CHECK(si.at("mean") == Value({1e-5, 2e-5}));
}

TEST_CASE("spaces, comments, empty lines and the marks of spreadsheets do not matter") {
  const Folder folder;
  const Value plain = devices::read_table(folder.csv(good));
  std::string dressed = "\xEF\xBB\xBF# chip 7, die 3\r\n";
  for (const char c : good)
    dressed += c == ',' ? std::string(" , ") : c == '\n' ? std::string("\r\n\r\n") : std::string{c};
  CHECK(devices::read_table(folder.csv(dressed)) == plain);
}

TEST_CASE("a damaged .csv table is refused by file, line and column") {
  const Folder folder;
  const auto damaged = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return refusal(folder.csv(text));
  };
  const std::string line2 = folder.file("device.csv") + ", line 2", line3 = folder.file("device.csv") + ", line 3";
  CHECK_THAT(damaged("9.5", "9,5"), ContainsSubstring(line2) && ContainsSubstring("one number per column"));
  CHECK_THAT(damaged("9.5", "nine"), ContainsSubstring(line2 + ", column mean = 'nine'"));
  CHECK_THAT(damaged("9.5", "nan"), ContainsSubstring(line2 + ", column mean"));
  CHECK_THAT(damaged("9.5", ""), ContainsSubstring(line2 + ", column mean"));
  CHECK_THAT(damaged("9.5", "9.5x"), ContainsSubstring("'9.5x'"));
  CHECK_THAT(damaged("250", "-250"), ContainsSubstring(line3 + ", sigma = -2.5e-07 S"));
  CHECK_THAT(damaged("250\n", "250\n10,1,9.5,1\n"), ContainsSubstring("line 4") && ContainsSubstring(line2));
  CHECK_THAT(damaged("20,1", "20,2"), ContainsSubstring("state = 1e-05 S, time = 7200 s"));
  CHECK_THAT(damaged("sigma_nS", "sgima_nS"), ContainsSubstring("sgima_nS") && ContainsSubstring("line 1"));
  CHECK_THAT(damaged("sigma_nS", "sigma_ohm"), ContainsSubstring("column sigma = ohm: unknown unit"));
  CHECK_THAT(damaged("sigma_nS", "mean"), ContainsSubstring("mean: a column is given twice"));
  CHECK_THAT(damaged("mean_uS,", ""), ContainsSubstring("mean: a column is missing"));
  CHECK_THAT(damaged(good, "state;time;mean;sigma\n"), ContainsSubstring("separate columns by commas"));
  CHECK_THAT(damaged(good, "# nothing\n"), ContainsSubstring("empty"));
  CHECK_THAT(damaged(good, "state,time,mean,sigma\n"), ContainsSubstring("two states"));
}

TEST_CASE("a table that cannot be read is an error of input") {
  const Folder folder;
  const auto kind = [](const std::string& path) {
    try {
      devices::read_table(path);
    } catch (const core::Error& e) {
      return e.kind();
    }
    return core::ErrorKind::value;
  };
  CHECK(kind(folder.file("gone.csv")) == core::ErrorKind::io);
  CHECK(kind(folder.file("gone.h5")) == core::ErrorKind::io);
  std::filesystem::create_directories(folder.file("folder.csv"));
  CHECK(kind(folder.file("folder.csv")) == core::ErrorKind::io);
  std::filesystem::rename(folder.csv(good), folder.file("text.h5"));
  CHECK(kind(folder.file("text.h5")) == core::ErrorKind::io);
}

TEST_CASE("a table in HDF5 has its units in names or attributes") {
  const Folder folder;
  const Value named = devices::read_table(folder.hdf5({"state_uS", "time", "mean_uS", "sigma_nS"}));
  CHECK(named.at("state") == Value({10e-6, 20e-6}));
  CHECK(named.at("sigma") == Value({10e-9, 20e-9}));
  const Value marked = devices::read_table(folder.hdf5({"state", "time", "mean_uS", "sigma_nS"}, "uS"));
  CHECK(marked == named);
  CHECK_THAT(refusal(folder.hdf5({"state", "time", "mean", "sigma"}, "V")), ContainsSubstring("unknown unit"));
  CHECK_THAT(refusal(folder.hdf5({"state", "time", "mean"})), ContainsSubstring("device.h5 = sigma"));
  CHECK_THAT(refusal(folder.hdf5({"state", "time", "mean", "sigma", "count"})), ContainsSubstring("count"));
}

TEST_CASE("a cell setting may name a table's file, and holds its numbers from then on") {
  const Folder folder;
  const auto read = cases::spec(folder.csv(good));
  CHECK(read.model == "table");
  const auto more = cases::spec({{"model", "table"}, {"file", folder.csv(good)}, {"levels", 2}});
  std::filesystem::remove(folder.file("device.csv"));
  CHECK(read.make()->window().G_max == 20e-6);
  CHECK(more.make()->window().levels == 2);
  CHECK(read.to_value().at("sigma") == Value({120e-9, 250e-9}));
  CHECK_FALSE(more.to_value().contains("file"));
  CHECK_THAT(cases::message([&] { cases::spec({{"model", "table"}, {"file", folder.csv(good)}, {"mean", {1e-6}}}); }),
             ContainsSubstring("cell.mean"));
  CHECK_THAT(cases::message([&] { cases::spec({{"model", "table"}, {"file", 3}}); }), ContainsSubstring("cell.file"));
}
