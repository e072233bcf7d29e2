// Enrolment codes: an operator says who may have which certificate, and hands out a name and a secret that work once. The secret is
// drawn here, has 144 bits, and is stored as its hash. A code's life:
//
//   open ──► waiting ──► approved ──► claimed ──► used         waiting and approved only where the operator wants to see the request
//   any wrong secret counts; after kMostTries the code is locked for good
//
// claimed: a certificate for this key is being made. The same key may try again (its answer was lost), no other may.
// Statements run in the caller's transaction, with the audit entry beside them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ports.hpp"
#include "base/secret.hpp"
#include "pki/leaf/leaf.hpp"
#include "store/session.hpp"

namespace tf::ca {

inline constexpr std::int64_t kMostTries = 5;

// Component "platform", version 7.
inline constexpr const char* kEstSchema = R"sql(
CREATE TABLE pki_est_codes (
  name TEXT NOT NULL PRIMARY KEY,
  secret_hash BYTEA NOT NULL,
  profile TEXT NOT NULL,
  holder TEXT NOT NULL,
  names TEXT NOT NULL,
  approval BIGINT NOT NULL,
  state TEXT NOT NULL,
  tries BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  spki_hash BYTEA,
  serial TEXT
)
)sql";

enum class CodeState { open, waiting, approved, claimed, used };
std::string_view name_of(CodeState state);

struct EnrolmentCode {
  std::string name;      // "e-0A1B2C3D4E5F": the user name of HTTP Basic
  std::string profile;   // the label
  std::string holder;
  pki::Names names;      // what the certificate will bear
  bool approval = false; // the operator wants to see the request first
  CodeState state = CodeState::open;
  std::int64_t tries = 0;
  std::int64_t expires_ms = 0;
  std::optional<Hash256> spki_hash = {};  // of the key that claimed it
  std::string serial_hex = {};            // of the certificate, once used
};

struct NewCode {
  std::string name;
  SecretBytes secret;  // base64url text; shown once
};
// Code::invalid "est.code" for a life that is over, "ca.holder" for an empty holder.
Result<NewCode> make_code(store::Session& session, const EnrolmentCode& code, const NewCode& drawn, std::int64_t now_ms);
NewCode draw_code(Random& random);

Result<std::optional<EnrolmentCode>> find_code(store::Session& session, std::string_view name);
Result<std::vector<EnrolmentCode>> list_codes(store::Session& session);
Status remove_code(store::Session& session, std::string_view name);   // Code::not_found "est.no_such_code"
Status approve_code(store::Session& session, std::string_view name);  // Code::conflict "est.not_waiting" unless a request waits

// The code of this name and secret; nothing when there is none, it is locked or too old, or the secret is wrong, which counts.
Result<std::optional<EnrolmentCode>> check_code(store::Session& session, std::string_view name, ByteView secret, std::int64_t now_ms);

enum class Claim { granted, waits, used_by_this_key, refused };
Result<Claim> claim_code(store::Session& session, std::string_view name, const Hash256& spki_hash);
Status release_code(store::Session& session, std::string_view name);  // what was claimed came to nothing
Status finish_code(store::Session& session, std::string_view name, std::string_view serial_hex);

}  // namespace tf::ca
