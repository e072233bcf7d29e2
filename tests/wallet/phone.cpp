#include "protocols/wallet/certificate_file.hpp"
#include "tests/wallet/world.hpp"

namespace tf::wallet::test {

Phone Phone::of(World& world, const std::string& number) {
  return {.world = world, .subscriber = {number, "490154203237518", "89860000000000000019"}};
}

Status Phone::know() {
  known = TF_TRY(read_platform_keys(TF_TRY(send("keys", "")), kPlatform, platform_kind, world.verifier()));
  return {};
}

const KnownPlatform& Phone::platform() {
  if (!known) must(know());
  return *known;
}

Result<Challenge> Phone::challenge(ChallengePurpose purpose) {
  const bool early = purpose == ChallengePurpose::registration || purpose == ChallengePurpose::activate;
  if (options.suite == Suite::classic && !early) return Challenge{};
  return decode_challenge(TF_TRY(send("challenge", encode_challenge_request(purpose))));
}

Secret<32> Phone::codes(const std::string& confirmation) {
  return must(codes_of(platform(), *registered, SecretBytes(as_bytes(confirmation)), options));
}

Status Phone::register_now() {
  registering = TF_TRY(begin_register(platform(), subscriber, {"Wang Li", "110101199001011237"}, password(), options,
                                      TF_TRY(challenge(ChallengePurpose::registration)), world.random));
  registered = TF_TRY(finish_register(*registering, TF_TRY(send("register", registering->body))));
  return {};
}

Status Phone::activate_now() { return activate_with(world.sms_of(subscriber.number).first); }

Status Phone::activate_with(const std::string& confirmation) {
  const auto codes = this->codes(confirmation);
  const auto sent = TF_TRY(begin_activate(platform(), *registering, *registered, codes, TF_TRY(challenge(ChallengePurpose::activate)), world.random));
  const auto certificate = TF_TRY(finish_activate(platform(), *registering, sent, codes, TF_TRY(send("activate", sent.body))));
  const FilePasswords own = own_passwords(info3_key(subscriber, password()), subscriber.number);
  if (certificate) {
    file = TF_TRY(make_certificate_file(*registering->key, *certificate, own, kFewIterations));
    return {};
  }
  world.run_jobs();
  const auto fetch = begin_fetch(platform(), *registering, *registered, codes, TF_TRY(challenge(ChallengePurpose::activate)));
  const auto fetched = TF_TRY(finish_fetch(platform(), *registering, fetch, codes, TF_TRY(send("registration", fetch.body))));
  if (!fetched) return Error{Code::unavailable, "test.no_file", "the platform made no file"};
  file = TF_TRY(take_over_file(*fetched, codes_mac_password(codes, registered->registration), own, kFewIterations));
  return {};
}

Status Phone::enrol() {
  TF_CHECK(register_now());
  return activate_now();
}

Result<UserKey> Phone::open_file() {
  auto opened = TF_TRY(open_certificate_file(file, own_passwords(info3_key(subscriber, password()), subscriber.number), kFewIterations));
  return UserKey{std::move(opened.key), std::move(opened.certificate)};
}

Result<UserKey> Phone::user() {
  if (!opened || opened->file != file || opened->password != password_text) opened = {file, password_text, TF_TRY(open_file())};
  return opened->user;
}

Status Phone::login_now() {
  const UserKey key = TF_TRY(user());
  const Challenge nonce = TF_TRY(challenge(ChallengePurpose::login));
  const auto sent = TF_TRY(begin_login(platform(), options.suite, subscriber, key, password(), nonce, world.clock.now_ms(), world.random));
  session = TF_TRY(finish_login(platform(), subscriber, key, sent, TF_TRY(send("login", sent.body))));
  return {};
}

Purchase Phone::purchase(const std::string& order, std::int64_t amount, bool critical) {
  return {.terms = {order, "shop-1", amount, "CNY", "card-1"}, .content = "two teas", .expires_ms = world.clock.now_ms() + 600'000, .critical = critical,
          .pin = SecretBytes(as_bytes("1234")), .pan = SecretBytes(as_bytes("5544332211009966"))};
}

Result<RequestUnderWay> Phone::payment(const Purchase& purchase) {
  const Challenge nonce = TF_TRY(challenge(ChallengePurpose::pay));
  return begin_pay(platform(), *session, TF_TRY(user()), purchase, nonce, world.random);
}

Result<ResultClaim> Phone::pay(const Purchase& purchase) {
  const auto sent = TF_TRY(payment(purchase));
  return finish_result(platform(), sent, TF_TRY(send("pay", sent.body)));
}

Result<std::vector<InstrumentView>> Phone::instrument(const InstrumentOrder& order) {
  const auto nonce = TF_TRY(decode_challenge(TF_TRY(send("challenge", encode_challenge_request(ChallengePurpose::instruments)))));
  const auto sent = TF_TRY(begin_instruments(platform(), *session, TF_TRY(user()), order, nonce, world.random));
  return finish_instruments(*session, sent, TF_TRY(send("instruments", sent.body)));
}

InstrumentOrder Phone::own_card() const {
  return {.act = InstrumentAct::enrol, .wallet = {}, .number = SecretBytes(as_bytes("5544332211009966")), .expiry = "3012", .token = {}};
}

Result<ResultClaim> Phone::query(const std::string& order) {
  const auto sent = TF_TRY(begin_query(platform(), *session, TF_TRY(user()), order, TF_TRY(challenge(ChallengePurpose::query)), world.clock.now_ms(), world.random));
  return finish_result(platform(), sent, TF_TRY(send("query", sent.body)));
}

Result<ResultClaim> Phone::refund(const std::string& order, const std::string& number, std::int64_t amount) {
  const auto sent = TF_TRY(begin_refund(platform(), *session, TF_TRY(user()), order, number, amount, TF_TRY(challenge(ChallengePurpose::refund)),
                                        world.clock.now_ms(), world.random));
  return finish_result(platform(), sent, TF_TRY(send("refund", sent.body)));
}

}  // namespace tf::wallet::test
