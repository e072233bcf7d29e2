#include "tests/frontends/card_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "crypto/banking/pin_block.hpp"
#include "tests/support/deterministic.hpp"
#include "wire/encoding.hpp"

namespace tf::test {
namespace {

using namespace std::chrono_literals;
using vault::RowId;
using vault::SymmetricAlgorithm;
using vault::SymmetricPurpose;
using vault::SymmetricSpec;

constexpr std::string_view kComponents[] = {"00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF",
                                            "0F1E2D3C4B5A69788796A5B4C3D2E1F00F1E2D3C4B5A69788796A5B4C3D2E1F1"};
constexpr std::string_view kSessionPinKey = "404142434445464748494A4B4C4D4E4F";

SecretBytes secret_hex(std::string_view hex) { return must(wire::secret_from_hex(hex)); }

StoredKey wrapped(const vault::Vault& vault, SecretBytes key, const SymmetricSpec& spec, const RowId& row) {
  vault::Made made = must(vault.wrap(std::move(key), spec, row));
  return {std::move(made.wrapped), spec, row, std::move(made.kcv)};
}

// The zone key as the platform makes it: of components, in the vault.
StoredKey zone_of(const vault::Vault& vault) {
  const SymmetricSpec spec(SymmetricAlgorithm::aes, 32, SymmetricPurpose::component);
  const StoredKey one = wrapped(vault, secret_hex(kComponents[0]), spec, {"components", "zone", 1});
  const StoredKey two = wrapped(vault, secret_hex(kComponents[1]), spec, {"components", "zone", 2});
  const SymmetricSpec zone(SymmetricAlgorithm::aes, 32, SymmetricPurpose::zone);
  const RowId row{"zones", "card network", 1};
  vault::Made made = must(vault.combine({one.ref(), two.ref()}, zone, row));
  return {std::move(made.wrapped), zone, row, std::move(made.kcv)};
}

template <class Call>
Outcome wait_for(Call call) {
  auto told = std::make_shared<std::promise<Outcome>>();
  auto outcome = told->get_future();
  call([told](Outcome what) { told->set_value(std::move(what)); });
  if (outcome.wait_for(60s) != std::future_status::ready) {
    ADD_FAILURE() << "nobody was told";
    return {Verdict::unknown, "nobody was told", {}};
  }
  return outcome.get();
}

}  // namespace

Result<StoredKey> MemoryKeys::zone() {
  const std::scoped_lock lock(mutex_);
  return zone_key;
}

Result<std::vector<WorkingKeys>> MemoryKeys::working() {
  const std::scoped_lock lock(mutex_);
  return working_;
}

Status MemoryKeys::keep(const WorkingKeys& keys) {
  const std::scoped_lock lock(mutex_);
  if (full) return Error{Code::unavailable, "test.full", {}};
  working_.insert(working_.begin(), keys);
  return {};
}

std::size_t MemoryKeys::kept() const {
  const std::scoped_lock lock(mutex_);
  return working_.size();
}

Result<OneCard::Card> OneCard::card(const std::string& token) {
  if (token != "card-1") return Error{Code::not_found, "test.no_card", {}};
  return Card{SecretBytes(as_bytes(kPan)), "4912"};
}

void Diary::note(const Incident& incident) {
  const std::scoped_lock lock(mutex_);
  incidents_.push_back(incident);
  changed_.notify_all();
}

std::ptrdiff_t Diary::count(Incident::Kind kind) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::count(incidents_, kind, &Incident::kind);
}

std::vector<Incident> Diary::all() const {
  const std::scoped_lock lock(mutex_);
  return incidents_;
}

bool Diary::wait_for(Incident::Kind kind, std::ptrdiff_t times) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, 60s, [&] { return std::ranges::count(incidents_, kind, &Incident::kind) >= times; });
}

frontends::card::Profile quick_profile() {
  frontends::card::Profile out;
  out.name = "testnet";
  out.reply_timeout = 20s;  // tests of silence set their own
  out.network_timeout = 2000ms;
  out.reversal_time = 30s;
  out.retry_pause = 20ms;
  out.echo_interval = 1h;  // tests of echoes set their own
  return out;
}

CardScene::CardScene(SceneOptions of) : options(std::move(of)) {
  vault = must(vault::SoftwareVault::create(directory.file("vault"), SecretBytes(as_bytes("a passphrase for tests")), random, {.n = 16, .r = 8, .p = 1}));
  keys.zone_key = zone_of(*vault);
  start_host();
  start_front_end();
}

CardScene::~CardScene() {
  front_end.reset();
  host.reset();
}

void CardScene::start_host() {
  acquirer::Options of;
  of.port = port;
  of.framing = options.profile.framing;
  of.coding = options.profile.coding;
  of.mac_padding = options.profile.mac_padding;
  of.zone_key_components.push_back(secret_hex(kComponents[0]));
  of.zone_key_components.push_back(secret_hex(options.zone_component_of_host.empty() ? kComponents[1] : options.zone_component_of_host));
  of.journal = directory.file("journal");
  of.settlement = directory.path();
  of.faults = options.faults;
  host = must(acquirer::Server::make(std::move(of), clock, random));
  must(host->start());
  port = host->port();
}

void CardScene::stop_host() { host.reset(); }

void CardScene::start_front_end() {
  front_end.reset();
  net::LinkOptions link{.host = "127.0.0.1", .port = port, .first_pause = 5ms, .longest_pause = 50ms};
  front_end = std::make_unique<CardFrontEnd>(
      options.profile, std::move(link),
      frontends::card::Ports{*vault, keys, card, clock, [this](const Incident& incident) { diary.note(incident); }});
  EXPECT_OK(front_end->start());
}

bool CardScene::wait_in_service() { return diary.wait_for(Incident::Kind::in_service); }

Payment CardScene::payment(std::int64_t minor) {
  ++trace_;
  Payment out;
  out.transaction = fmt::format("20261121{:012}", trace_);
  out.trace = trace_;
  out.at_ms = clock.now_ms();
  out.amount = {minor, "CNY"};
  out.merchant = "M100";
  out.terminal = "T1";
  out.subject = "tea";
  out.instrument = "card-1";
  return out;
}

payment::Refund CardScene::refund(const Payment& original, std::int64_t minor) {
  ++trace_;
  return {fmt::format("20261121{:012}", trace_), trace_, clock.now_ms(), {minor, "CNY"}, original, original.transaction.substr(8)};
}

payment::PinBlock CardScene::pin_block(std::string_view pin, std::string_view pan) {
  const SymmetricSpec spec(SymmetricAlgorithm::aes, 16, SymmetricPurpose::pin);
  StoredKey key = wrapped(*vault, secret_hex(kSessionPinKey), spec, {"sessions", "s1", 1});
  Bytes block = must(crypto::pin_block_4(secret_hex(kSessionPinKey), SecretBytes(as_bytes(pin)), SecretBytes(as_bytes(pan)), random));
  return {std::move(key.wrapped), spec, key.row, std::move(block)};
}

Outcome CardScene::pay(const Payment& payment, std::optional<payment::PinBlock> pin) {
  return wait_for([&](payment::FrontEnd::Done done) { front_end->pay(payment, std::move(pin), std::move(done)); });
}

Outcome CardScene::reverse(const Payment& payment) {
  return wait_for([&](payment::FrontEnd::Done done) { front_end->reverse(payment, std::move(done)); });
}

Outcome CardScene::refund_of(const payment::Refund& refund) {
  return wait_for([&](payment::FrontEnd::Done done) { front_end->refund(refund, std::move(done)); });
}

std::string CardScene::state_at_host(const std::string& transaction) const {
  for (const auto& posting : host->postings())
    if (posting.transaction == transaction) return posting.state;
  return "none";
}

}  // namespace tf::test
