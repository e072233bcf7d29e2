// The parameters of a Digest header, read strictly and bounded. Private to digest_aka.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tf::onboard {

struct DigestParameter {
  std::string name;  // in lower case
  std::string value;
  bool quoted = false;
};

class DigestParameters {
 public:
  // "Digest name=value, name="value"": each name once, values of printable ASCII without a quote or backslash inside.
  static Result<DigestParameters> parse(std::string_view header);
  // The value; a parameter is quoted or not as RFC 7616 §3.3, §3.4 have it. Fetched ones are ticked off.
  Result<std::string> take(std::string_view name, bool quoted);
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] Status finish() const;  // nothing left over

 private:
  std::vector<DigestParameter> left_;
};

Error bad_digest(std::string what);
// Whether it may stand between quotes.
bool quotable(std::string_view text);

}  // namespace tf::onboard
