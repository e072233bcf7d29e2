// The messages that an EAP server (hostapd's eap_sim_db) and an authentication centre exchange: one a datagram, words between single
// spaces, IMSI in digits, the rest in lower-case hexadecimal. As a file of theirs has it (hostapd/hlr_auc_gw.c of hostapd 2.10).
//
//   AKA-REQ-AUTH <IMSI>                              → AKA-RESP-AUTH <IMSI> <RAND> <AUTN> <IK> <CK> <RES>  or  … <IMSI> FAILURE
//   AKA-AUTS <IMSI> <AUTS> <RAND>                      no answer; the next request gets a vector above what the USIM named
#pragma once
#include <string>
#include <string_view>
#include <variant>

#include "base/secret.hpp"
#include "crypto/aka/types.hpp"
#include "hss/imsi.hpp"

namespace tf::hss {

inline constexpr std::size_t kMaxAucMessage = 512;

struct AucRequest {
  Imsi imsi;
};
struct AucResync {
  Imsi imsi;
  crypto::Auts auts{};
  crypto::Rand rand{};
};
using AucMessage = std::variant<AucRequest, AucResync>;

// Code::malformed "hss.auc_message".
Result<AucMessage> parse_auc(std::string_view datagram);
SecretBytes auc_answer(const Imsi& imsi, const crypto::AkaVector& vector);
std::string auc_failure(const Imsi& imsi);

}  // namespace tf::hss
