#include "platform/onboard/registration/store.hpp"

namespace tf::platform::registration {
namespace {

// URLs have no line ends.
std::string joined(const std::vector<std::string>& route) {
  std::string out;
  for (const std::string& url : route) out += (out.empty() ? "" : "\n") + url;
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

vault::RowId nonce_row(const std::string& dsim_id) { return {"onboard_registrations", dsim_id, 1}; }

Result<std::optional<Registration>> load(store::Session& session, const std::string& dsim_id) {
  return session.query_one("SELECT operator, route, kek, nonce, expires_ms FROM onboard_registrations WHERE dsim_id = $1", {dsim_id}, [&](const store::Row& row) {
    return Registration{{dsim_id, row.text(0), split(row.text_view(1)), {}, row.integer(4)}, {row.text(2), row.bytes(3)}};
  });
}

Status put(store::Session& session, const onboard::RegisteredDevice& row, const vault::Wrapped& nonce) {
  const std::string route = joined(row.route);
  TF_TRY(session.execute("INSERT INTO onboard_registrations (dsim_id, operator, route, kek, nonce, expires_ms) VALUES ($1, $2, $3, $4, $5, $6)"
                         " ON CONFLICT (dsim_id) DO UPDATE SET operator = $2, route = $3, kek = $4, nonce = $5, expires_ms = $6",
                         {row.dsim_id, row.operator_id, route, nonce.kek, ByteView(nonce.blob), row.expires_ms}));
  return {};
}

Status remove(store::Session& session, const std::string& dsim_id) {
  TF_TRY(session.execute("DELETE FROM onboard_registrations WHERE dsim_id = $1", {dsim_id}));
  return {};
}

Result<std::int64_t> remove_expired(store::Session& session, std::int64_t now_ms) {
  return session.execute("DELETE FROM onboard_registrations WHERE expires_ms <= $1", {now_ms});
}

}  // namespace tf::platform::registration
