#include "card/usim/at.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "card/usim/application.hpp"
#include "wire/encoding.hpp"

namespace tf::card::usim {
namespace {

constexpr unsigned kChannels = 4;

std::string ok(std::string_view answer = {}) { return answer.empty() ? "\r\nOK\r\n" : fmt::format("\r\n{}\r\n\r\nOK\r\n", answer); }
constexpr const char* kError = "\r\nERROR\r\n";

constexpr AtFront::Failure kNoUsim{10, "SIM not inserted"}, kFailure{13, "SIM failure"}, kNoChannel{20, "memory full"}, kNotOpen{21, "invalid index"},
    kNotFound{22, "not found"}, kTooLong{24, "text string too long"}, kParameters{50, "Incorrect parameters"};

std::optional<unsigned> number(std::string_view& text) {
  unsigned out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc() || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}
bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}
// "hex", to the end of the line.
std::optional<Bytes> quoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  auto octets = wire::from_hex(text.substr(1, text.size() - 2));
  if (!octets) return std::nullopt;
  return std::move(*octets);
}
// <characters>,"<hex>", which have to agree.
std::optional<Bytes> measured(std::string_view text) {
  const auto characters = number(text);
  if (!characters || !take(text, ',')) return std::nullopt;
  auto octets = quoted(text);
  if (!octets || octets->size() * 2 != *characters) return std::nullopt;
  return octets;
}
std::string shown(std::string_view name, ByteView answer) { return ok(fmt::format("{}: {},\"{}\"", name, answer.size() * 2, wire::hex_upper(answer))); }

}  // namespace

bool begins_with_at(std::string_view text) { return text.size() >= 2 && (text[0] | 0x20) == 'a' && (text[1] | 0x20) == 't'; }

std::string AtFront::error(const Failure& failure) const {
  if (reports_ == Reports::plain) return kError;
  return reports_ == Reports::numbers ? fmt::format("\r\n+CME ERROR: {}\r\n", failure.number) : fmt::format("\r\n+CME ERROR: {}\r\n", failure.words);
}

std::string AtFront::line(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (!begins_with_at(text)) return kError;
  if (text.size() > kMaxAtLine) return error(kTooLong);
  return run(text.substr(2));
}

std::string AtFront::run(std::string_view command) {
  const std::size_t end = std::min(command.find_first_of("=?"), command.size());
  std::string name(command.substr(0, end));
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const std::string_view rest = command.substr(end);
  const bool sets = rest.starts_with('=') && !rest.ends_with('?');
  if (name.empty() && rest.empty()) return ok();
  if (name == "+CIMI" && rest.empty()) return imsi();
  if (name == "+CPIN" && rest == "?") return pin_state();
  if (name == "+CMEE" && rest == "?") return ok(fmt::format("+CMEE: {}", static_cast<int>(reports_)));
  if (name == "+CMEE" && rest == "=?") return ok("+CMEE: (0-2)");
  for (const std::string_view known : {"+CSIM", "+CCHO", "+CGLA", "+CCHC", "+CIMI", "+CPIN"})
    if (name == known && rest == "=?") return ok();
  if (rest.empty() && setting(name)) return ok();
  if (!sets) return kError;
  if (name == "+CMEE") return report(rest.substr(1));
  if (name == "+CSIM") return csim(rest.substr(1));
  if (name == "+CCHO") return open(rest.substr(1));
  if (name == "+CGLA") return use(rest.substr(1));
  if (name == "+CCHC") return close(rest.substr(1));
  return kError;
}

// V.250 §6.1.1, §6.1.2, §6.2.4, §6.2.6: what programs say to a modem before anything else.
bool AtFront::setting(std::string_view name) {
  if (name == "Z" || name == "Z0" || name == "&F" || name == "&F0") {
    reports_ = Reports::plain;
    echoes_ = false;
    return true;
  }
  if (name == "E" || name == "E0" || name == "E1") {
    echoes_ = name == "E1";
    return true;
  }
  return name == "V1";
}

std::string AtFront::report(std::string_view rest) {
  const auto wanted = number(rest);
  if (!wanted || !rest.empty() || *wanted > 2) return error(kParameters);
  reports_ = static_cast<Reports>(*wanted);
  return ok();
}

std::string AtFront::csim(std::string_view rest) {
  const auto octets = measured(rest);
  if (!octets) return error(kParameters);
  const auto answer = card_.transmit(*octets);
  return answer ? shown("+CSIM", *answer) : error(kFailure);
}

std::string AtFront::open(std::string_view rest) {
  const auto name = quoted(rest);
  if (!name || name->empty() || name->size() > 16) return error(kParameters);
  const auto channel = apdu::open_channel(card_, *name);
  if (channel) return ok(fmt::format("+CCHO: {}", *channel));
  return error(channel.error().code == Code::not_found ? kNotFound : channel.error().code == Code::unavailable ? kFailure : kNoChannel);
}

std::string AtFront::use(std::string_view rest) {
  const auto channel = number(rest);
  if (!channel || *channel < 1 || *channel >= kChannels || !take(rest, ',')) return error(kParameters);
  auto octets = measured(rest);
  if (!octets || octets->empty() || ((*octets)[0] & 0x43) != 0) return error(kParameters);  // the channel is ours to name
  (*octets)[0] = static_cast<std::uint8_t>((*octets)[0] | *channel);
  const auto answer = card_.transmit(*octets);
  return answer ? shown("+CGLA", *answer) : error(kFailure);
}

std::string AtFront::close(std::string_view rest) {
  const auto channel = number(rest);
  if (!channel || *channel < 1 || *channel >= kChannels || !rest.empty()) return error(kParameters);
  const auto answer = apdu::exchange(card_, {.cla = 0x00, .ins = 0x70, .p1 = 0x80, .p2 = static_cast<std::uint8_t>(*channel)});
  if (!answer) return error(kFailure);
  return answer->ok() ? ok() : error(kNotOpen);
}

// A channel of the modem's own, where the USIM is selected.
Result<std::uint8_t> AtFront::own() {
  if (!own_) own_ = TF_TRY(apdu::open_channel(card_, kAid));
  return *own_;
}

// Its channel is opened anew when the card was reset.
std::string AtFront::imsi() {
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto channel = own();
    if (!channel) return error(channel.error().code == Code::not_found ? kNoUsim : kFailure);
    const auto selected = apdu::exchange(card_, {.cla = *channel, .ins = 0xA4, .p1 = 0x00, .p2 = 0x0C, .data = {0x6F, 0x07}});
    const auto content = apdu::exchange(card_, {.cla = *channel, .ins = 0xB0, .le = 9});
    if (!selected || !content) return error(kFailure);
    const std::string digits = content->ok() ? decode_imsi(content->data) : std::string();
    if (!digits.empty()) return ok(digits);
    own_.reset();
  }
  return error(kFailure);
}

// The USIM's PIN is disabled.
std::string AtFront::pin_state() {
  const auto channel = own();
  if (channel) return ok("+CPIN: READY");
  return error(channel.error().code == Code::not_found ? kNoUsim : kFailure);
}

}  // namespace tf::card::usim
