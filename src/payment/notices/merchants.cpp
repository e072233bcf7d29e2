#include "payment/notices/merchants.hpp"

#include <algorithm>
#include <mutex>

#include "net/client/base_url.hpp"
#include "wire/json.hpp"

namespace tf::payment {
namespace {

bool is_merchant(const std::string& text) {
  return !text.empty() && text.size() <= 15 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

}  // namespace

vault::SymmetricSpec webhook_spec() { return {vault::SymmetricAlgorithm::hmac, 32, vault::SymmetricPurpose::diversify}; }
vault::RowId webhook_row(const std::string& merchant) { return {"payment_merchants", merchant, 1}; }

Result<HookUrl> parse_hook_url(std::string_view url) {
  const Error wrong{Code::invalid, "payment.url", "a URL like https://shop.example/hook (http only to this machine)"};
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos || url.size() > 512) return wrong;
  if (std::ranges::any_of(url, [](char c) { return c <= ' ' || c == '#' || static_cast<unsigned char>(c) >= 0x7f; })) return wrong;
  const std::size_t path = std::min(url.find('/', host + 3), url.size());
  HookUrl out{std::string(url.substr(0, path)), path == url.size() ? "/" : std::string(url.substr(path))};
  const auto base = net::parse_any_base_url(out.base);
  if (!base) return wrong;
  if (!base->tls && base->host != "localhost" && base->host != "127.0.0.1" && base->host != "::1") return wrong;
  return out;
}

Result<std::unique_ptr<Merchants>> Merchants::open(store::Database& database, vault::Vault& vault) {
  std::unique_ptr<Merchants> out(new Merchants(database, vault));
  TF_CHECK(database.read([&](store::Session& session) -> Status {
    return session.query("SELECT merchant, url, kek, wrapped FROM payment_merchants", {}, [&](const store::Row& row) -> Status {
      out->entries_.emplace(row.text(0), Entry{row.text(1), {row.text(2), row.bytes(3)}});
      return {};
    });
  }));
  return out;
}

Result<Merchants::Enrolled> Merchants::enrol(const std::string& merchant, const std::string& url, audit::Trail& trail, const std::string& actor,
                                             const Clock& clock, Random& random) {
  if (!is_merchant(merchant)) return Error{Code::invalid, "payment.merchant", "1 to 15 letters and digits"};
  TF_TRY(parse_hook_url(url));
  SecretBytes secret(32);
  random.fill(secret.reveal_mutable());
  const vault::Made made = TF_TRY(vault_.wrap(secret.clone(), webhook_spec(), webhook_row(merchant)));
  wire::JsonWriter detail;
  detail.begin_object().member("url", url).end_object();
  const std::int64_t now = clock.now_ms();
  TF_CHECK(database_.write([&](store::Session& session) -> Status {
    TF_CHECK(session.execute("INSERT INTO payment_merchants (merchant, url, kek, wrapped, created_ms) VALUES ($1, $2, $3, $4, $5) "
                             "ON CONFLICT (merchant) DO UPDATE SET url = $2, kek = $3, wrapped = $4, created_ms = $5",
                             {merchant, url, made.wrapped.kek, ByteView(made.wrapped.blob), now}));
    return trail.append(session, {.at_ms = now, .actor = actor, .action = "payment.merchant", .subject = merchant, .outcome = audit::Outcome::accepted,
                                  .reason = "", .detail = detail.text()});
  }));
  const std::unique_lock lock(mutex_);
  entries_.insert_or_assign(merchant, Entry{url, made.wrapped});
  return Enrolled{std::move(secret)};
}

Result<Merchants::Entry> Merchants::entry(const std::string& merchant) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(merchant);
  if (found == entries_.end()) return Error{Code::not_found, "payment.no_merchant", merchant};
  return found->second;
}

bool Merchants::subscribes(const std::string& merchant) const {
  const std::shared_lock lock(mutex_);
  return entries_.contains(merchant);
}

Result<std::string> Merchants::url(const std::string& merchant) const { return TF_TRY(entry(merchant)).url; }

Result<Secret<32>> Merchants::sign(const std::string& merchant, ByteView data) const {
  const Entry found = TF_TRY(entry(merchant));
  const auto spec = webhook_spec();
  const auto row = webhook_row(merchant);
  return vault_.hmac_sha256({found.wrapped, spec, row}, data);
}

std::vector<std::pair<std::string, std::string>> Merchants::list() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [merchant, entry] : entries_) out.emplace_back(merchant, entry.url);
  return out;
}

}  // namespace tf::payment
