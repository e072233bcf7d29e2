#include "ca/est/codes.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::ca {
namespace {

constexpr std::pair<CodeState, std::string_view> kStates[] = {{CodeState::open, "open"},
                                                              {CodeState::waiting, "waiting"},
                                                              {CodeState::approved, "approved"},
                                                              {CodeState::claimed, "claimed"},
                                                              {CodeState::used, "used"}};
constexpr std::string_view kColumns =
    "SELECT name, profile, holder, names, approval, state, tries, expires_ms, spki_hash, serial, secret_hash FROM pki_est_codes";

Result<CodeState> parse_state(std::string_view name) {
  const auto found = std::ranges::find(kStates, name, &std::pair<CodeState, std::string_view>::second);
  if (found == std::end(kStates)) return Error{Code::integrity, "est.code_state", "a state of a code that does not exist"};
  return found->first;
}

// One name a line: "commonName=Anna", "@0=example.org" with the kind's number.
std::string text_of(const pki::Names& names) {
  std::string out;
  for (const auto& [word, value] : names.subject) out += word + "=" + value + "\n";
  for (const auto& [kind, value] : names.alternative) out += "@" + std::to_string(static_cast<int>(kind)) + "=" + value + "\n";
  return out;
}

Result<pki::Names> names_from(std::string_view text) {
  pki::Names out;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return Error{Code::integrity, "est.code_names", "names of a code that do not parse"};
    const std::string value(line.substr(equals + 1));
    if (line[0] != '@') {
      out.subject.emplace_back(line.substr(0, equals), value);
    } else {
      const int kind = line[1] - '0';
      if (equals != 2 || kind < 0 || kind > static_cast<int>(pki::NameKind::user_principal))
        return Error{Code::integrity, "est.code_names", "names of a code that do not parse"};
      out.alternative.emplace_back(static_cast<pki::NameKind>(kind), value);
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return out;
}

Result<EnrolmentCode> code_of(const store::Row& row) {
  EnrolmentCode out{.name = row.text(0), .profile = row.text(1), .holder = row.text(2), .names = TF_TRY(names_from(row.text_view(3))),
                    .approval = row.integer(4) != 0, .state = TF_TRY(parse_state(row.text_view(5))), .tries = row.integer(6),
                    .expires_ms = row.integer(7)};
  if (!row.is_null(8)) out.spki_hash = row.array<32>(8);
  if (!row.is_null(9)) out.serial_hex = row.text(9);
  return out;
}

bool has_line_break(const pki::Names& names) {
  const auto broken = [](const auto& one) { return one.second.contains('\n'); };
  return std::ranges::any_of(names.subject, broken) || std::ranges::any_of(names.alternative, broken);
}

Result<std::int64_t> set_state(store::Session& session, std::string_view name, CodeState from, CodeState to, const Hash256& spki_hash) {
  return session.execute("UPDATE pki_est_codes SET state = $3, spki_hash = $4 WHERE name = $1 AND state = $2",
                         {name, name_of(from), name_of(to), ByteView(spki_hash)});
}

}  // namespace

std::string_view name_of(CodeState state) { return std::ranges::find(kStates, state, &std::pair<CodeState, std::string_view>::first)->second; }

NewCode draw_code(Random& random) {
  std::string secret = wire::base64url(random.array<18>());
  NewCode out{"e-" + wire::hex_upper(random.array<6>()), SecretBytes(as_bytes(secret))};
  wipe(secret.data(), secret.size());
  return out;
}

Result<NewCode> make_code(store::Session& session, const EnrolmentCode& code, const NewCode& drawn, std::int64_t now_ms) {
  if (code.expires_ms <= now_ms) return Error{Code::invalid, "est.code", "a code ends in the future"};
  if (code.holder.empty() || has_line_break(code.names)) return Error{Code::invalid, "ca.holder", "a holder and names without line breaks are wanted"};
  const Hash256 hash = crypto::sha256(drawn.secret.reveal());
  const std::string names = text_of(code.names);
  TF_TRY(session.execute("INSERT INTO pki_est_codes (name, secret_hash, profile, holder, names, approval, state, tries, expires_ms) "
                         "VALUES ($1, $2, $3, $4, $5, $6, 'open', 0, $7)",
                         {std::string_view(drawn.name), ByteView(hash), std::string_view(code.profile), std::string_view(code.holder), std::string_view(names),
                          std::int64_t{code.approval ? 1 : 0}, code.expires_ms}));
  return NewCode{drawn.name, drawn.secret.clone()};
}

Result<std::optional<EnrolmentCode>> find_code(store::Session& session, std::string_view name) {
  return session.query_one(std::string(kColumns) + " WHERE name = $1", {name}, code_of);
}

Result<std::vector<EnrolmentCode>> list_codes(store::Session& session) {
  std::vector<EnrolmentCode> out;
  TF_CHECK(session.query(std::string(kColumns) + " ORDER BY name", {}, [&](const store::Row& row) -> Status {
    out.push_back(TF_TRY(code_of(row)));
    return {};
  }));
  return out;
}

Status remove_code(store::Session& session, std::string_view name) {
  if (TF_TRY(session.execute("DELETE FROM pki_est_codes WHERE name = $1", {name})) == 1) return {};
  return Error{Code::not_found, "est.no_such_code", "there is no enrolment code " + std::string(name)};
}

Status approve_code(store::Session& session, std::string_view name) {
  if (TF_TRY(session.execute("UPDATE pki_est_codes SET state = 'approved' WHERE name = $1 AND state = 'waiting'", {name})) == 1) return {};
  return Error{Code::conflict, "est.not_waiting", "no request with the enrolment code " + std::string(name) + " waits for approval"};
}

Result<std::optional<EnrolmentCode>> check_code(store::Session& session, std::string_view name, ByteView secret, std::int64_t now_ms) {
  struct Found {
    EnrolmentCode code;
    Hash256 hash;
  };
  const auto read = [](const store::Row& row) -> Result<Found> { return Found{TF_TRY(code_of(row)), row.array<32>(10)}; };
  auto found = TF_TRY(session.query_one(std::string(kColumns) + " WHERE name = $1", {name}, read));
  if (!found || found->code.tries >= kMostTries || found->code.expires_ms <= now_ms) return std::optional<EnrolmentCode>();
  if (equal_in_constant_time(crypto::sha256(secret), found->hash)) return std::optional(std::move(found->code));
  TF_TRY(session.execute("UPDATE pki_est_codes SET tries = tries + 1 WHERE name = $1", {name}));
  return std::optional<EnrolmentCode>();
}

Result<Claim> claim_code(store::Session& session, std::string_view name, const Hash256& spki_hash) {
  const auto code = TF_TRY(find_code(session, name));
  if (!code) return Claim::refused;
  const bool same = code->spki_hash && *code->spki_hash == spki_hash;
  switch (code->state) {
    case CodeState::open:
      TF_TRY(set_state(session, name, CodeState::open, code->approval ? CodeState::waiting : CodeState::claimed, spki_hash));
      return code->approval ? Claim::waits : Claim::granted;
    case CodeState::waiting: return same ? Claim::waits : Claim::refused;
    case CodeState::approved:
      if (!same) return Claim::refused;
      TF_TRY(set_state(session, name, CodeState::approved, CodeState::claimed, spki_hash));
      return Claim::granted;
    case CodeState::claimed: return same ? Claim::granted : Claim::refused;
    case CodeState::used: return same ? Claim::used_by_this_key : Claim::refused;
  }
  return Claim::refused;
}

Status release_code(store::Session& session, std::string_view name) {
  TF_TRY(session.execute("UPDATE pki_est_codes SET state = CASE WHEN approval = 1 THEN 'approved' ELSE 'open' END WHERE name = $1 AND state = 'claimed'", {name}));
  return {};
}

Status finish_code(store::Session& session, std::string_view name, std::string_view serial_hex) {
  TF_TRY(session.execute("UPDATE pki_est_codes SET state = 'used', serial = $2 WHERE name = $1 AND state = 'claimed'", {name, serial_hex}));
  return {};
}

}  // namespace tf::ca
