// The Osmocom control interface: texts under IPA framing, each with a number, so that many may be on their way.
//   SET <number> <variable> <value>  →  SET_REPLY <number> <variable> <value>     GET likewise     or  ERROR <number> <why>
// It has no authentication and carries K in the clear: loopback or a private line only.
#pragma once
#include <optional>
#include <unordered_map>

#include "base/secret.hpp"
#include "hss/osmo/ipa_line.hpp"

namespace tf::hss::osmo {

struct ControlReply {
  std::uint32_t number = 0;
  bool done = false;  // otherwise value says why not
  SecretBytes value;
};
// Code::malformed "hss.control"; what is no reply to anybody (TRAP) as well.
Result<ControlReply> parse_control(ByteView message);

struct Command {
  const char* verb = "SET";  // or "GET"
  SecretBytes words;         // variable, and the value for SET
};
SecretBytes encode(const Command& command, std::uint32_t number);

class ControlClient {
 public:
  static constexpr std::size_t kWindow = 64;  // commands on their way

  explicit ControlClient(IpaOptions options);
  ~ControlClient();
  Status start() { return line_.start(); }
  // The value of each, in order. Code::refused "hss.control_error" with the server's word; Code::unavailable "hss.hlr_down": whether
  // the command was done is not known.
  std::vector<Result<SecretBytes>> call(std::span<const Command> commands);

 private:
  using Answer = std::optional<Result<SecretBytes>>;
  void received(ByteView message);
  void lost(const Error& why);
  void call_some(std::span<const Command> commands, std::span<Answer> answers);

  std::mutex mutex_;
  std::condition_variable answered_;
  std::uint32_t number_ = 0;
  std::unordered_map<std::uint32_t, Answer*> waiting_;
  IpaLine line_;
};

}  // namespace tf::hss::osmo
