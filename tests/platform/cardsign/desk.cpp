#include "tests/platform/cardsign/desk.hpp"

#include <future>

#include "crypto/digest.hpp"
#include "net/problem.hpp"
#include "pki/issue.hpp"
#include "platform/ca/office.hpp"
#include "platform/cardsign/office.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform::test {

CardsignDesk::CardsignDesk(cardsign::Policy policy)
    : manufacturer([this] {
        const auto key = crypto::PrivateKey::generate_p256();
        return pki::Issuer{must(pki::make_root("card manufacturer", key, {now.now_ms(), pki::kRootDays}, opened->random)), key};
      }()) {
  settings.policy = std::move(policy);
  authority = must(open_authority(at, opened->paths.profiles()));
  at.authority = authority.get();
  instruments = must(WalletInstruments::open(at));
  merchants = must(payment::Merchants::open(*database, *opened->vault));
  merchant_secret = must(merchants->enrol(std::string(kMerchant), "https://shop.example/hook", *opened->trail, "test", now, opened->random)).secret;
  line = [this](const std::string& method, const std::string& target, const std::string& body) { return serve(method, target, body); };
  start();
  must(service->cards().add_manufacturer("test", "", manufacturer.certificate));
}

CardsignDesk::~CardsignDesk() { stop(); }

void CardsignDesk::start() {
  books = std::make_unique<payment::StoredBooks>(*database, payment::StoredBooksOptions{.trail = opened->trail.get()});
  runner = std::make_unique<payment::ThreadRunner>(1);
  const payment::Route all{.name = "all", .prefixes = {}, .wallets = {}, .currencies = {}, .merchants = {}, .from = {}, .to = {}, .front_ends = {"bank"}};
  payments = must(payment::Payments::open({*books, *runner, now, opened->metrics}, {}, payment::Router({all}), {&bank}));
  service = must(CardsignService::make(at, sampler, settings, {*authority, *payments, *merchants, *instruments, sms}));
}

void CardsignDesk::stop() {
  if (authority) authority->drain();
  payments.reset();
  service.reset();
  runner.reset();
  books.reset();
}

void CardsignDesk::restart() {
  stop();
  start();
}

std::unique_ptr<HeldCard> CardsignDesk::make_card(const std::string& serial) {
  auto out = std::make_unique<HeldCard>();
  out->plan = card::default_plan(serial);
  card::fill_in(out->plan, opened->random);
  out->software = must(card::SoftwareCard::create_over(out->storage, out->plan, manufacturer, now.now_ms(), opened->random));
  out->software->card().power_on();
  out->in_reach.channel = std::make_unique<card::InProcessChannel>(out->software->card());
  out->in_reach.name = "in process";
  return out;
}

std::string CardsignDesk::record_of(const HeldCard& card) {
  const auto file = [&](const card::FileId& id) { return to_bytes(*card.software->services().files.read_unchecked(id)); };
  const cardsign::CardRecord record{.serial = card.plan.serial, .enc = card.plan.scp03.enc.clone(), .mac = card.plan.scp03.mac.clone(), .dek = card.plan.scp03.dek.clone(),
                                    .kic = card.plan.ota.kic.clone(), .kid = card.plan.ota.kid.clone(), .factory = {file(card::kFactoryCertificate)},
                                    .channel = file(card::kChannelCertificate)};
  return must(crypto::jwe_seal_to(must(opened->vault->public_key(cardsign_key::records)), opened->random, cardsign::typ::record, cardsign::encode(record).reveal()));
}

std::string CardsignDesk::assigned(const HeldCard& card, const std::string& user) {
  must(service->cards().import("test", record_of(card)));
  return std::string(as_text(must(service->cards().assign("test", card.serial(), 0, user)).code.reveal()));
}

std::unique_ptr<HeldCard> CardsignDesk::enrolled(const std::string& serial, const std::string& user) {
  auto out = make_card(serial);
  const std::string code = assigned(*out, user);
  must(terminal_of(*out).enrol(code));
  return out;
}

std::unique_ptr<HeldCard> CardsignDesk::paying(const std::string& serial, const std::string& user) {
  auto out = enrolled(serial, user);
  must(instruments->enrol("test", payer_of(user), {.wallet = "alipay", .number = SecretBytes(as_bytes(user + "@example.com")), .expiry = {}, .has_pin = false}));
  return out;
}

terminal::CardsignTerminal CardsignDesk::terminal_of(HeldCard& card, std::string pin) {
  return {[this](const std::string& method, const std::string& target, const std::string& body) { return line(method, target, body); }, card.in_reach,
          {.clock = now, .trust = {settings.name, must(opened->certificates->current(kind::root)).certificate, {manufacturer.certificate}},
           .ask_pin = [pin](const terminal::Shown&) -> Result<SecretBytes> { return SecretBytes(as_bytes(pin)); }, .progress = {}, .wait = [](std::chrono::milliseconds) {}}};
}

net::HttpResponse CardsignDesk::serve(const std::string& method, const std::string& target, const std::string& body) {
  const std::string route = target.substr(target.rfind('/') + 1);
  auto answered = std::make_shared<std::promise<Result<std::string>>>();
  auto answer = answered->get_future();
  wire::HttpRequest request;
  request.method = method;
  request.path = target;
  request.body = body;
  if (route == "keys") {
    answered->set_value(service->published());
  } else {
    service->handle(route, request, [answered](Result<std::string> reply) { answered->set_value(std::move(reply)); });
  }
  const auto response = cardsign_response(answer.get());
  net::HttpResponse out;
  out.status = response.status;
  out.body = response.body;
  return out;
}

std::string CardsignDesk::reason_of(const net::HttpResponse& answer) const {
  if (answer.status == 200) return "";
  auto document = wire::JsonObject::parse(answer.body);
  return document ? document->text("reason").value_or("status " + std::to_string(answer.status)) : answer.body;
}

cardsign::SessionReply CardsignDesk::ask(const std::string& route, const std::string& body) {
  const auto answer = serve("POST", "/cardsign/v1/" + route, body);
  if (answer.status != 200) throw std::runtime_error(answer.body);
  return must(cardsign::decode_session_reply(answer.body));
}

cardsign::OrderRequest CardsignDesk::terms(const std::string& number) const {
  return {.merchant = std::string(kMerchant), .order = number, .amount = 1250, .currency = "CNY", .subject = "Two coffees", .user = {}, .expires_ms = now.now_ms() + 3'600'000};
}

net::HttpResponse CardsignDesk::order(const cardsign::OrderRequest& asked, const std::string& signature) {
  auto answered = std::make_shared<std::promise<Result<std::string>>>();
  auto answer = answered->get_future();
  wire::HttpRequest request;
  request.method = "POST";
  request.path = "/cardsign/v1/orders";
  request.body = encode(asked);
  const std::string right = wire::hex_lower(crypto::hmac_sha256(merchant_secret.reveal(), as_bytes(request.body)));
  request.headers = {{"trustferry-signature", signature.empty() ? right : signature}};
  service->handle("orders", request, [answered](Result<std::string> reply) { answered->set_value(std::move(reply)); });
  const auto response = cardsign_response(answer.get());
  net::HttpResponse out;
  out.status = response.status;
  out.body = response.body;
  return out;
}

std::string CardsignDesk::order(const std::string& number, const std::string& user) {
  auto asked = terms(number);
  asked.user = user;
  const auto answer = order(asked, "");
  if (answer.status != 200) throw std::runtime_error(answer.body);
  return must(cardsign::decode_order_reply(answer.body)).payment;
}

std::vector<std::string> CardsignDesk::reasons() const {
  must(opened->database->write([](store::Session&) -> Status { return {}; }));  // what was recorded before is written
  std::vector<std::string> out;
  for (const AuditLine& each : audited())
    if (each.outcome == "refused") out.push_back(each.reason);
  return out;
}

std::vector<std::string> CardsignDesk::alarms() const {
  must(opened->database->write([](store::Session&) -> Status { return {}; }));
  std::vector<std::string> out;
  must(opened->database->read([&](store::Session& session) {
    out.clear();
    return session.query("SELECT kind FROM cardsign_alarms ORDER BY at_ms, kind", {}, [&](const store::Row& row) -> Status {
      out.push_back(row.text(0));
      return {};
    });
  }));
  return out;
}

}  // namespace tf::platform::test
