#include "tests/wallet/world.hpp"

#include <fmt/format.h>

#include "pki/path/path.hpp"

namespace tf::wallet::test {
namespace {

Secret<32> challenge_key(Random& random) {
  Secret<32> out;
  random.fill(out.reveal_mutable());
  return out;
}

SecretBytes passphrase() { return SecretBytes(as_bytes("wallet test passphrase")); }

}  // namespace

World::World(std::string_view seed, bool with_rsa)
    : random(std::string(seed) + " platform"),
      openssl_random(std::string(seed) + " openssl"),
      guard(openssl_random),
      vault(must(vault::SoftwareVault::create(directory.file("vault.json"), passphrase(), random, {.n = 16, .r = 8, .p = 1}))),
      authority(random, clock.now_ms()),
      challenges("wallet challenge", challenge_key(random), random),
      ports{.clock = clock, .random = random, .vault = *vault, .challenges = challenges, .platform = kPlatform, .encryption_key = {},
            .result_key = "wallet.results.1", .check_certificate = {}, .keep_pin_key = {}},
      encryption_p256(authority.issue("encryption", must(vault->generate("wallet.p256.1", crypto::KeyKind::p256, 0, vault::Purpose::agree)))),
      results(authority.issue("results", must(vault->generate("wallet.results.1", crypto::KeyKind::p256, 0, vault::Purpose::sign)))) {
  if (with_rsa) encryption_rsa = authority.issue("encryption", must(vault->generate("wallet.rsa.1", crypto::KeyKind::rsa, 2048, vault::Purpose::decrypt)));
  policy.classic = policy.key_of_platform = true;
  policy.cost = kQuick;
  policy.file_iterations = kFewIterations;
  policy.critical_from = {{"CNY", 1'000'000}};
  ports.encryption_key = [this](std::string_view kid) -> std::optional<std::pair<std::string, crypto::KeyKind>> {
    if (kid == "wallet.p256.1") return std::pair{std::string(kid), crypto::KeyKind::p256};
    if (kid == "wallet.rsa.1" && encryption_rsa) return std::pair{std::string(kid), crypto::KeyKind::rsa};
    return std::nullopt;
  };
  ports.check_certificate = [this](const pki::Certificate& certificate) -> Status {
    if (revoked.contains(certificate.serial_hex())) return Error{Code::refused, "wallet.certificate_revoked", "revoked"};
    if (clock.now_ms() >= certificate.not_after_ms()) return Error{Code::refused, "wallet.certificate_expired", "expired"};
    return {};
  };
  ports.keep_pin_key = [this](SecretBytes key, const vault::RowId& row) -> Result<vault::Wrapped> {
    return TF_TRY(vault->wrap(std::move(key), pin_spec(), row)).wrapped;
  };
}

std::string World::keys() const {
  const Bytes& ca = authority.ca.certificate.der();
  PlatformKeys out{kPlatform, {{"wallet.p256.1", {encryption_p256.der(), ca}}}, {{"wallet.results.1", {results.der(), ca}}}};
  if (encryption_rsa) out.encryption.push_back({"wallet.rsa.1", {encryption_rsa->der(), ca}});
  return encode(out);
}

VerifyChain World::verifier() const {
  return [root = authority.root.certificate, at_ms = clock.now_ms()](const std::vector<Bytes>& chain, PlatformKeyUse use,
                                                                     const std::string&) -> Result<crypto::PublicKey> {
    const auto given = TF_TRY(pki::chain_from_der(chain));
    TF_CHECK(pki::validate_path({.leaf = given.front(), .intermediates = {given.begin() + 1, given.end()}, .anchors = {root}, .at_ms = at_ms,
                                 .usage = pki::Usage::tls_client}));
    if (given.front().common_name() != (use == PlatformKeyUse::encryption ? "encryption" : "results"))
      return Error{Code::refused, "test.usage", "a certificate for another use"};
    return given.front().public_key();
  };
}

const Session* World::session(const std::string& id) const {
  const auto found = sessions.find(id);
  return found == sessions.end() ? nullptr : &found->second;
}

bool World::is_active(const Session* session) const {
  return session != nullptr && registrations.at(session->registration).state == RegistrationState::active;
}

Registration& World::user_of(const std::string& number) {
  for (auto& [id, one] : registrations)
    if (one.subscriber.number == number && one.state == RegistrationState::active) return one;
  log::error("no active registration of " + number);
  std::abort();
}

int World::active_of(const std::string& number) const {
  return static_cast<int>(std::ranges::count_if(registrations, [&](const auto& entry) {
    return entry.second.subscriber.number == number && entry.second.state == RegistrationState::active;
  }));
}

std::pair<std::string, std::string> World::sms_of(const std::string& number) const {
  for (auto it = sms.rbegin(); it != sms.rend(); ++it)
    if (it->number == number) return {it->text.substr(0, 8), it->text.substr(it->text.find("registration ") + 13, 22)};
  return {};
}

void World::restart() { sessions.clear(); }

Status World::update(Update& change) {
  const auto found = registrations.find(change.to.id);
  if (found == registrations.end()) return Error{Code::conflict, "test.no_row", "no such row"};
  const Registration& row = found->second;
  if (row.state != change.state_was || row.tries != change.tries_was || row.failures != change.failures_was ||
      row.locked_until_ms != change.locked_until_was)
    return Error{Code::conflict, "test.changed", "the row changed meanwhile"};
  if (change.to.state == RegistrationState::active)
    for (const auto& [id, other] : registrations)
      if (id != row.id && other.subscriber.number == row.subscriber.number && other.state == RegistrationState::active)
        return Error{Code::conflict, "test.unique", "the number has an active registration"};
  found->second = change.to.clone();
  return {};
}

Status World::perform(Writes& writes) {
  for (const OneUse& once : writes.once)
    if (used.contains(once.id)) return Error{Code::refused, once.reason, "used"};
  for (const std::string& id : writes.superseded) registrations.at(id).state = RegistrationState::superseded;
  if (writes.changed) TF_CHECK(update(*writes.changed));
  for (const OneUse& once : writes.once) used.insert(once.id);
  if (writes.made) registrations.emplace(writes.made->id, writes.made->clone());
  if (writes.used_approval) approvals.erase(*writes.used_approval);
  if (writes.alarm) alarms.push_back(*writes.alarm);
  if (writes.sms) sms.push_back(*writes.sms);
  if (writes.session) sessions.insert_or_assign(writes.session->id, *writes.session);
  if (!writes.action.empty()) audit.push_back(writes.action + ": " + writes.detail);
  return {};
}

Result<std::string> World::settle(Step step) {
  TF_CHECK(perform(step.writes));
  if (step.file) files_wanted.insert(step.file->registration);
  if (step.refusal) return *step.refusal;
  return std::move(step.reply);
}

std::string World::transaction() { return fmt::format("{:020}", orders.size() + refunds.size() + 1); }

Result<std::string> World::handle(std::string_view route, const std::string& body) { return dispatch(route, body); }

}  // namespace tf::wallet::test
