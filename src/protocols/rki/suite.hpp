// Suites and the policy that picks one. The terminal offers in its order of preference; the platform picks the strongest
// that both the offer and the terminal's policy hold.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tf::rki {

enum class Suite { classic, modern };  // sm joins here

std::string_view name_of(Suite suite);
Result<Suite> parse_suite(std::string_view name);  // Code::malformed "rki.unknown_suite"

// A set of suites, as in an estate file: "modern", "classic" or "modern+classic".
class SuitePolicy {
 public:
  SuitePolicy() = default;
  static Result<SuitePolicy> parse(std::string_view text);  // Code::invalid
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool allows(Suite suite) const;
  void allow(Suite suite);
  [[nodiscard]] std::vector<Suite> suites() const;  // strongest first
  friend bool operator==(const SuitePolicy&, const SuitePolicy&) = default;

 private:
  bool classic_ = false;
  bool modern_ = false;
};

}  // namespace tf::rki
