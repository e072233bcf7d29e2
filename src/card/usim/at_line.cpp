#include "card/usim/at_line.hpp"

#include "base/secret.hpp"

namespace tf::card::usim {

// All the room at once: a line may hold a PIN, and no copies are left behind.
AtLine::AtLine(apdu::Channel& card) : front_(card) { line_.reserve(kMaxAtLine + 1); }
AtLine::~AtLine() { wipe(line_.data(), line_.size()); }

std::string AtLine::take(std::string_view octets) {
  constexpr char kBackspace = 0x08;
  std::string out;
  for (const char c : octets) {
    if (front_.echoes()) out += c;
    if (c == '\r' || c == '\n') {
      out += end_of_line();
    } else if (c == kBackspace) {
      if (!line_.empty()) line_.pop_back();
    } else if (static_cast<unsigned char>(c) >= 0x20 && line_.size() <= kMaxAtLine) {  // one more than may be: the front says that it is too long
      line_ += c;
    }
  }
  return out;
}

std::string AtLine::end_of_line() {
  std::string out = begins_with_at(line_) ? front_.line(line_) : std::string();
  wipe(line_.data(), line_.size());
  line_.clear();
  return out;
}

}  // namespace tf::card::usim
