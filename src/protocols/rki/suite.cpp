#include "protocols/rki/suite.hpp"

#include "base/log.hpp"

namespace tf::rki {

std::string_view name_of(Suite suite) { return suite == Suite::modern ? "modern" : "classic"; }

Result<Suite> parse_suite(std::string_view name) {
  if (name == "modern") return Suite::modern;
  if (name == "classic") return Suite::classic;
  return Error{Code::malformed, "rki.unknown_suite", log::quoted(name) + " is no suite of ours"};
}

Result<SuitePolicy> SuitePolicy::parse(std::string_view text) {
  SuitePolicy policy;
  while (true) {
    const std::size_t plus = text.find('+');
    const auto suite = parse_suite(text.substr(0, plus));
    if (!suite) return Error{Code::invalid, "rki.suite_policy", suite.error().detail + ": write modern, classic or modern+classic"};
    if (policy.allows(*suite)) return Error{Code::invalid, "rki.suite_policy", "a suite is named twice"};
    policy.allow(*suite);
    if (plus == std::string_view::npos) return policy;
    text.remove_prefix(plus + 1);
  }
}

std::string SuitePolicy::text() const {
  if (modern_ && classic_) return "modern+classic";
  return modern_ ? "modern" : "classic";
}

bool SuitePolicy::allows(Suite suite) const { return suite == Suite::modern ? modern_ : classic_; }
void SuitePolicy::allow(Suite suite) { (suite == Suite::modern ? modern_ : classic_) = true; }

std::vector<Suite> SuitePolicy::suites() const {
  std::vector<Suite> out;
  for (const Suite suite : {Suite::modern, Suite::classic})
    if (allows(suite)) out.push_back(suite);
  return out;
}

}  // namespace tf::rki
