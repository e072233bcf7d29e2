#include "bench/all/cardsign/scene.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/file.hpp"
#include "bench/all/acquirer.hpp"
#include "crypto/digest.hpp"
#include "payment/notices/merchants.hpp"
#include "pki/issue.hpp"
#include "platform/authority.hpp"
#include "platform/ca/office.hpp"
#include "platform/cardsign/service.hpp"
#include "platform/data_directory.hpp"
#include "protocols/wallet/check_digit.hpp"
#include "wire/encoding.hpp"

namespace tf::bench {
namespace {

constexpr std::uint16_t kPort = 18543;  // terminals; admin, wallet, cardsign and the acquirer follow
constexpr const char* kZone = "acquirer";
constexpr const char* kMerchant = "SHOP01";
constexpr const char* kRules = "utc_offset = \"+00:00\"\n[[route]]\nname = \"cards\"\nprefixes = [\"62\"]\ncurrencies = [\"CNY\"]\nfront_ends = [\"card\"]\n";

SecretBytes secret(std::string_view text) { return SecretBytes(as_bytes(text)); }

Result<std::string> record_of(const card::SoftwareCard& made, const card::Plan& plan, card::SoftwareCard& software, const crypto::PublicKey& key, Random& random) {
  const auto file = [&](const card::FileId& id) { return to_bytes(*software.services().files.read_unchecked(id)); };
  const cardsign::CardRecord record{.serial = made.serial(), .enc = plan.scp03.enc.clone(), .mac = plan.scp03.mac.clone(), .dek = plan.scp03.dek.clone(), .kic = plan.ota.kic.clone(),
                                    .kid = plan.ota.kid.clone(), .factory = {file(card::kFactoryCertificate)}, .channel = file(card::kChannelCertificate)};
  return crypto::jwe_seal_to(key, random, cardsign::typ::record, cardsign::encode(record).reveal());
}

}  // namespace

Result<std::unique_ptr<CardsignScene>> CardsignScene::make(const std::string& directory, const std::string& program, int cards) {
  std::unique_ptr<CardsignScene> out(new CardsignScene(directory));
  TF_CHECK(out->prepare(cards));
  out->acquirer_ = TF_TRY(start_acquirer(program, directory, kPort + 4));
  out->server_ = TF_TRY(Server::start(program, directory, {.url = fmt::format("https://127.0.0.1:{}", kPort), .root = *out->root_, .chain = {}, .key = {}}));
  for (auto& held : out->cards_) {
    terminal::CardsignPorts ports{.clock = out->clock_, .trust = {"trustferry", *out->root_, {out->manufacturer_->certificate}},
                                  .ask_pin = [](const terminal::Shown&) -> Result<SecretBytes> { return secret("123456"); }};
    held->terminal = std::make_unique<terminal::CardsignTerminal>(terminal::cardsign_over(TF_TRY(out->line())), held->in_reach, std::move(ports));
    TF_TRY(held->terminal->enrol(held->code));
  }
  TF_CHECK(wait_for_acquirer(directory, [&] { return bool(out->pay(1)); }));
  return out;
}

// What operators and manufacturer do, before the platform is served.
Status CardsignScene::prepare(int cards) {
  platform::InitOptions init = TF_TRY(init_options(directory_, kPort));
  TF_TRY(platform::initialise(init, kPassphrase, kPassphrase));
  {
    auto opened = TF_TRY(platform::open_directory(init.directory, kPassphrase));
    root_ = TF_TRY(opened->certificates->current(platform::kind::root)).certificate;
    TF_CHECK(share_zone_key(*opened->context, directory_, kZone, random_));
    auto& context = *opened->context;
    const auto authority = TF_TRY(platform::open_authority(context, opened->paths.profiles()));
    const auto keys = TF_TRY(platform::CardsignKeys::open(context, *authority, "trustferry"));
    const auto merchants = TF_TRY(payment::Merchants::open(context.database, context.vault));
    merchant_secret_ = std::move(TF_TRY(merchants->enrol(kMerchant, "https://shop.example/hook", context.trail, "bench", clock_, random_)).secret);
    const auto instruments = TF_TRY(platform::WalletInstruments::open(context));
    platform::CardRegister cards_of(context, *authority, {});
    const auto key = crypto::PrivateKey::generate_p256();
    manufacturer_ = pki::Issuer{TF_TRY(pki::make_root("card manufacturer", key, {clock_.now_ms(), pki::kRootDays}, random_)), key};
    TF_TRY(cards_of.add_manufacturer("bench", "", manufacturer_->certificate));
    for (int i = 0; i < cards; ++i) {
      auto held = std::make_unique<Held>();
      card::Plan plan = card::default_plan(fmt::format("TF-{:06}", i));
      card::fill_in(plan, random_);
      held->software = TF_TRY(card::SoftwareCard::create_over(held->storage, plan, *manufacturer_, clock_.now_ms(), random_));
      held->software->card().power_on();
      held->in_reach.channel = std::make_unique<card::InProcessChannel>(held->software->card());
      const auto record = TF_TRY(record_of(*held->software, plan, *held->software, TF_TRY(context.vault.public_key(platform::cardsign_key::records)), random_));
      TF_TRY(cards_of.import("bench", record));
      const std::string user = fmt::format("user{}", i);
      held->code = as_text(TF_TRY(cards_of.assign("bench", plan.serial, 0, user)).code.reveal());
      TF_TRY(instruments->enrol("bench", platform::payer_of(user), {.wallet = "", .number = secret(wallet::with_check_digit(fmt::format("622202{:09}", 700 + i))), .expiry = "3012", .has_pin = false}));
      cards_.push_back(std::move(held));
    }
    authority->drain();
  }
  const std::string path = init.directory + "/platform.toml";
  std::string text(as_text(TF_TRY(read_file(path, 64 * 1024))));
  text += fmt::format("\n[wallet]\nlisten = \"127.0.0.1:{}\"\n[wallet.front_ends.card]\nkind = \"card\"\naddress = \"127.0.0.1:{}\"\nzone = \"{}\"\n[cardsign]\nlisten = \"127.0.0.1:{}\"\n", kPort + 2,
                      kPort + 4, kZone, kPort + 3);
  TF_CHECK(write_file_atomic(path, as_bytes(text), 0644));
  return write_file_atomic(init.directory + "/payment.toml", as_bytes(std::string_view(kRules)), 0644);
}

Result<net::HttpClient> CardsignScene::line() const { return client_at(kPort + 3, *root_); }

Result<std::string> CardsignScene::order(net::HttpClient& line, int number) {
  const std::string body = encode(cardsign::OrderRequest{.merchant = kMerchant, .order = fmt::format("B{:07}", number), .amount = 100, .currency = "CNY", .subject = "an order of the bench",
                                                         .user = {}, .expires_ms = clock_.now_ms() + 600'000});
  const std::string mac = wire::hex_lower(crypto::hmac_sha256(merchant_secret_.reveal(), as_bytes(body)));
  auto response = TF_TRY(line.request({.method = "POST", .target = "/cardsign/v1/orders", .content_type = "application/json", .body = body, .headers = {{"Trustferry-Signature", mac}}}));
  if (response.status != 200) return Error{Code::refused, "bench.cardsign", "orders: " + response.body};
  return TF_TRY(cardsign::decode_order_reply(response.body)).payment;
}

Result<CardsignScene::Measured> CardsignScene::pay(int payments) {
  std::vector<std::string> orders;
  auto merchant = TF_TRY(line());
  for (int i = 0; i < payments; ++i) orders.push_back(TF_TRY(order(merchant, orders_++)));
  std::atomic<int> next{0};
  std::mutex mutex;
  Status out;
  const double before = server_->cpu_us();
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (auto& held : cards_) {
      threads.emplace_back([&] {
        for (int i = next++; i < payments; i = next++) {
          const auto paid = held->terminal->pay({.payment = orders[static_cast<std::size_t>(i)]});
          const std::lock_guard lock(mutex);
          if (!out) continue;
          if (!paid) out = paid.error();
          else if (paid->outcome != cardsign::Outcome::approved) out = Error{Code::internal, "bench.cardsign", "a payment was not approved: nothing was measured"};
        }
      });
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double used = server_->cpu_us() - before;
  TF_CHECK(out);
  return Measured{used / payments, payments / seconds};
}

Result<double> CardsignScene::request_cpu_us() const { return server_->request_cpu_us(kClientWorkUs); }

}  // namespace tf::bench
