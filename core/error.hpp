#pragma once

#include <stdexcept>
#include <string>

namespace wordline::core {

/// What went wrong, as a caller can act on it. Python sees ValueError, TypeError, IndexError, OSError,
/// ConvergenceError, NotImplementedError and KeyboardInterrupt in this order.
enum class ErrorKind { value, type, index, io, convergence, unsupported, interrupted };

/// The parts of an error message. Every public error names the rule that was broken; the other parts are
/// filled wherever they exist and left empty otherwise.
struct Complaint {
  std::string rule;     ///< the broken rule, a whole clause: "an ADC has at least one bit"
  std::string name;     ///< the setting, argument or file: "adc.bits"
  std::string value;    ///< what was given
  std::string unit;     ///< its SI unit
  std::string allowed;  ///< what is accepted: "[1, 16]"
  std::string remedy;   ///< what to do: "use None for an ideal converter"
};

/// The only exception thrown on purpose by the library.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, Complaint complaint);

  ErrorKind kind() const noexcept { return kind_; }
  const Complaint& complaint() const noexcept { return complaint_; }

 private:
  ErrorKind kind_;
  Complaint complaint_;
};

/// Throws Error(kind, complaint) unless `holds`.
void require(bool holds, ErrorKind kind, const Complaint& complaint);

/// A number as users write it: shortest text that reads back to the same double.
std::string number(double value);

}  // namespace wordline::core
