#include "frontends/card/replies.hpp"

#include <algorithm>

namespace tf::frontends::card {
namespace {

struct Meaning {
  std::string_view code;
  Verdict verdict;
};

// ISO 8583:1987 annex A. A partial approval (10) is not what was asked; 06, 09, 68, 90, 91, 94, 95, 96 say that the network
// lost its way in between: all of these are left to the default, unknown.
using enum Verdict;
constexpr Meaning kPayment[] = {
    {"00", done},      // approved
    {"11", done},      // approved, VIP
    {"01", declined},  // refer to card issuer
    {"02", declined},  // refer to card issuer, special conditions
    {"03", declined},  // invalid merchant
    {"04", declined},  // pick up card
    {"05", declined},  // do not honour
    {"07", declined},  // pick up card, special conditions
    {"12", declined},  // invalid transaction
    {"13", declined},  // invalid amount
    {"14", declined},  // no such card
    {"15", declined},  // no such issuer
    {"25", declined},  // original not found (refunds)
    {"30", declined},  // format error
    {"31", declined},  // bank not supported
    {"33", declined},  // expired card, pick up
    {"34", declined},  // suspected fraud, pick up
    {"36", declined},  // restricted card, pick up
    {"38", declined},  // PIN tries exceeded, pick up
    {"39", declined},  // no credit account
    {"40", declined},  // function not supported
    {"41", declined},  // lost card
    {"43", declined},  // stolen card
    {"51", declined},  // not sufficient funds
    {"52", declined},  // no checking account
    {"53", declined},  // no savings account
    {"54", declined},  // expired card
    {"55", declined},  // incorrect PIN
    {"56", declined},  // no card record
    {"57", declined},  // not permitted to cardholder
    {"58", declined},  // not permitted to terminal
    {"59", declined},  // suspected fraud
    {"61", declined},  // exceeds amount limit
    {"62", declined},  // restricted card
    {"63", declined},  // security violation
    {"64", declined},  // original amount incorrect
    {"65", declined},  // exceeds frequency limit
    {"67", declined},  // hard capture
    {"75", declined},  // PIN tries exceeded
    {"92", declined},  // no route
    {"93", declined},  // violation of law
};

// 21: no action taken, so it stands. 25: the host never had it, and will refuse it should it still come.
constexpr Meaning kReversal[] = {{"00", done}, {"25", done}, {"21", declined}};

template <std::size_t N>
Verdict looked_up(const Meaning (&table)[N], std::string_view code) {
  const auto found = std::ranges::find(table, code, &Meaning::code);
  return found == std::end(table) ? unknown : found->verdict;
}

}  // namespace

bool is_request(std::string_view mti) { return mti.size() == 4 && (mti[2] == '0' || mti[2] == '2'); }

std::string reply_type(std::string_view mti) {
  if (!is_request(mti)) return {};
  return {mti[0], mti[1], static_cast<char>(mti[2] + 1), '0'};
}

std::string match_key(const Message& message) {
  std::string out(1, message.mti().size() == 4 ? message.mti()[1] : '?');
  for (const int number : {f::transmission, f::trace, f::acquirer, f::reference, f::terminal}) {
    out += '|';
    out += message.text(number);
  }
  return out;
}

Expected expected_of(const Message& request) {
  return {request.mti(), std::string(request.text(f::amount)), std::string(request.text(f::currency)), std::string(request.text(f::original)),
          std::string(request.text(f::network_code))};
}

std::optional<std::string_view> misfit(const Expected& expected, const Message& reply) {
  const bool reversal = expected.mti.substr(0, 2) == "04";  // any answer to any attempt will do
  if (reversal ? reply.mti() != "0410" && reply.mti() != "0430" : reply.mti() != reply_type(expected.mti)) return "type";
  const bool financial = expected.mti == "0200";
  const auto differs = [&](int number, const std::string& value, bool demanded) {
    return reply.has(number) ? reply.text(number) != value : demanded;
  };
  if (differs(f::amount, expected.amount, financial)) return "amount";
  if (differs(f::currency, expected.currency, financial)) return "currency";
  if (differs(f::original, expected.original, false)) return "original";
  if (differs(f::network_code, expected.network_code, !expected.network_code.empty())) return "network_code";
  if (!reply.has(f::response)) return "response";
  return std::nullopt;
}

Verdict payment_verdict(std::string_view code) { return looked_up(kPayment, code); }
Verdict reversal_verdict(std::string_view code) { return looked_up(kReversal, code); }

}  // namespace tf::frontends::card
