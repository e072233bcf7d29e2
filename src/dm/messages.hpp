// Messages of OMA DM 1.2: SyncML 1.2 as text XML, application/vnd.syncml.dm+xml. WBXML is not spoken.
//
// What is read is bounded by Limits; every element is known or the message is refused (elements of the meta-information that only
// data synchronisation uses are passed over). No DTD, so a DOCTYPE is refused. Numbers are decimal without leading zeros, at
// most nine digits; a URI is at most 512 visible characters.
// Errors: Code::malformed "xml.…" as in xml/document.hpp, "dm.unknown_element", "dm.repeated_element", "dm.missing_element",
// "dm.version", "dm.number", "dm.uri", "dm.text", "dm.nonce".
// Sources: OMA-TS-DM_RepPro-V1_2, OMA-TS-SyncML_MetaInfo-V1_2, OMA-TS-DM_Protocol-V1_2.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace tf::dm {

inline constexpr std::string_view kMediaType = "application/vnd.syncml.dm+xml";
inline constexpr std::string_view kAuthMac = "syncml:auth-MAC";

// Codes of Alert, DM RepPro §7 and appendix.
namespace alert {
inline constexpr std::uint32_t server_initiated = 1200, client_initiated = 1201, next_message = 1222, abort = 1223, client_event = 1224,
                               no_end_of_data = 1225, generic = 1226;
}
// Codes of Status, RepPro §10.
namespace code {
inline constexpr std::uint32_t ok = 200, accepted = 202, authenticated = 212, chunk_accepted = 213, not_executed = 215, bad_request = 400, unauthorised = 401,
                               not_found = 404, not_allowed = 405, unsupported = 406, credentials_missing = 407, size_required = 411,
                               too_large = 413, wrong_format = 415, too_big_for_device = 416, exists = 418, device_full = 420, size_mismatch = 424, denied = 425, failed = 500;
inline constexpr bool good(std::uint32_t code) { return code >= 200 && code < 300 && code != not_executed; }
}  // namespace code

struct Meta {
  std::string format{}, type{};  // empty: not said (chr and text/plain)
  std::optional<std::uint64_t> size{}, max_message{}, max_object{};  // bytes
  std::optional<Bytes> next_nonce{};
};
struct Item {
  std::string target{}, source{};  // URIs; empty: none
  Meta meta{};
  std::optional<std::string> data{};  // the text as it stands on the wire
  bool more = false;                // MoreData: further pieces follow
};
struct Challenge {
  std::string type;
  Bytes nonce;
};

struct Alert {
  std::uint32_t id = 0;
  std::uint32_t code = 0;
  std::vector<Item> items{};
};
enum class Verb { add, replace, get, exec, remove };
std::string_view name_of(Verb verb);  // "Add" …, "Delete"
struct Order {
  std::uint32_t id = 0;
  Verb verb = Verb::get;
  Meta meta{};
  std::vector<Item> items{};
  std::string correlator{};
};
struct CommandStatus {
  std::uint32_t id = 0, message = 0, command = 0;  // MsgRef and CmdRef; command 0 is the header
  std::string name;                                // "SyncHdr", "Replace" …
  std::string target{}, source{};                  // TargetRef, SourceRef
  std::optional<Challenge> challenge{};
  std::uint32_t code = 0;
};
struct Results {
  std::uint32_t id = 0, message = 0, command = 0;
  std::string target{}, source{};
  Meta meta{};
  std::vector<Item> items{};
};
struct Group {  // Sequence or Atomic
  std::uint32_t id = 0;
  bool atomic = false;
  std::vector<Order> orders{};
};
struct Unsupported {  // Copy, Map, Put, Search, Sync: nothing but the name is read
  std::uint32_t id = 0;
  std::string name;
};
using Command = std::variant<Alert, Order, CommandStatus, Results, Group, Unsupported>;

struct Header {
  std::string session;  // one to sixteen visible characters
  std::uint32_t message = 0;
  std::string target, source;  // URIs
  std::string source_name{};   // LocName: the name the sender authenticates with
  std::string respond_to{};    // RespURI
  std::string credential_type{};  // of Cred; only auth-MAC in the transport header counts here, so the rest is not read
  Meta meta{};
};
struct Message {
  Header header;
  std::vector<Command> commands;
  bool final = false;
};

struct MessageLimits {
  std::size_t bytes = 65'536;
};
Result<Message> decode(std::string_view body, const MessageLimits& limits = {});
// Code::malformed "xml.unfit_text" where some text cannot stand in XML.
Result<std::string> encode(const Message& message);

}  // namespace tf::dm
