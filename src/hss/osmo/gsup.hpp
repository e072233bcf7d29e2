// GSUP (Osmocom's Generic Subscriber Update Protocol): Send Authentication Info, for vectors and for resynchronisation. An octet of
// message type, then elements {tag, length, value}. A message with an octet missing, or an element of a wrong size, is refused;
// elements of other tags are passed over, as the protocol has it.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "crypto/aka/types.hpp"
#include "hss/imsi.hpp"
#include "hss/osmo/ipa_line.hpp"

namespace tf::hss::osmo {

inline constexpr std::size_t kMaxTuples = 5;  // of one answer
inline constexpr std::uint8_t kCauseImsiUnknown = 0x02;  // 3GPP TS 24.008 §10.5.5.14

struct Resynchronisation {
  crypto::Rand rand{};
  crypto::Auts auts{};
};
Bytes encode_auth_info(const Imsi& imsi, const std::optional<Resynchronisation>& resync);

struct AuthInfoAnswer {
  Imsi imsi;
  std::optional<std::uint8_t> cause;  // of an error; otherwise there are vectors
  std::vector<crypto::AkaVector> vectors;
};
// Whether it is an answer to a request for authentication info: an HLR sends other messages too, on its own account.
bool is_auth_info_answer(ByteView message);
// Code::malformed "hss.gsup"; messages of other types as well.
Result<AuthInfoAnswer> decode_auth_info(ByteView message);

class GsupClient {
 public:
  static constexpr std::size_t kWindow = 64;  // requests on their way

  explicit GsupClient(IpaOptions options);
  ~GsupClient();
  Status start() { return line_.start(); }

  struct Request {
    Imsi imsi;
    std::optional<Resynchronisation> resync = {};
  };
  using Answers = Result<std::vector<crypto::AkaVector>>;
  // Code::not_found "hss.gsup_imsi" (also an AUTS that does not open: the HLR tells both alike); Code::unavailable "hss.hlr_refused" for
  // another cause; Code::unavailable "hss.hlr_down".
  std::vector<Answers> ask(std::span<const Request> requests);

 private:
  using Answer = std::optional<Answers>;
  void received(ByteView message);
  void lost(const Error& why);
  void ask_some(std::span<const Request> requests, std::span<Answer> answers);
  void forget(std::span<Answer> answers);

  std::mutex mutex_;
  std::condition_variable answered_;
  std::map<Imsi, std::deque<Answer*>> waiting_;  // answers to one IMSI come in the order of the requests
  IpaLine line_;
};

}  // namespace tf::hss::osmo
