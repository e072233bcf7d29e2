// What happened on a line that somebody should know: counted and audited above.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tf::frontends::card {

struct Incident {
  enum class Kind : std::uint8_t {
    malformed,        // bytes that are no message
    no_mac,           // a reply to a payment without a MAC; not believed
    bad_mac,          // not believed; after three in a row new keys are asked for
    unmatched,        // a reply to nothing that was asked
    misfit,           // a reply with a right MAC and another amount, currency, original; detail says which
    late_approval,    // an approval of what had been given up; the reversal stands
    late_reply,       // any other reply to it
    unexpected,       // a request the host is not to make
    sign_on_refused,  // detail: response code, or why there was none
    keys_refused,     // the same, or the vault's reason
    keys_changed,
    echo_lost,
    in_service,
    line_down,        // detail: why
  };
  Kind kind;
  std::string transaction;  // ours, where it is known
  std::string detail;
};
std::string_view name_of(Incident::Kind kind);  // "bad_mac"

// Called on the line's threads; must not wait and not call the front end.
using Watch = std::function<void(const Incident&)>;

}  // namespace tf::frontends::card
