// The handlers behind the table of api.cpp, by noun: access.cpp, estate.cpp, keys.cpp, trust.cpp.
#pragma once
#include "platform/admin/api.hpp"
#include "wire/json.hpp"

namespace tf::platform::admin {

using wire::HttpResponse;

Result<HttpResponse> estate_import(Context&, const AdminCall&);
Result<HttpResponse> estate_list(Context&, const AdminCall&);
Result<HttpResponse> estate_show(Context&, const AdminCall&);
Result<HttpResponse> estate_deny(Context&, const AdminCall&);
Result<HttpResponse> estate_allow(Context&, const AdminCall&);
Result<HttpResponse> estate_forget_key(Context&, const AdminCall&);
Result<HttpResponse> rki_alarms(Context&, const AdminCall&);

Result<HttpResponse> keys_list(Context&, const AdminCall&);
Result<HttpResponse> keys_show(Context&, const AdminCall&);
Result<HttpResponse> keys_renew(Context&, const AdminCall&);
Result<HttpResponse> keys_export(Context&, const AdminCall&);
Result<HttpResponse> keys_import(Context&, const AdminCall&);
Result<HttpResponse> zones_list(Context&, const AdminCall&);
Result<HttpResponse> zones_component(Context&, const AdminCall&);

Result<HttpResponse> batches_list(Context&, const AdminCall&);
Result<HttpResponse> batches_issue(Context&, const AdminCall&);
Result<HttpResponse> batches_log(Context&, const AdminCall&);
Result<HttpResponse> operators_list(Context&, const AdminCall&);
Result<HttpResponse> operators_enrol(Context&, const AdminCall&);
Result<HttpResponse> operators_renew(Context&, const AdminCall&);
Result<HttpResponse> operators_revoke(Context&, const AdminCall&);
Result<HttpResponse> work_request(Context&, const AdminCall&);
Result<HttpResponse> work_install(Context&, const AdminCall&);
Result<HttpResponse> access_code(Context&, const AdminCall&);
Result<HttpResponse> access_bindings(Context&, const AdminCall&);
Result<HttpResponse> access_revoke(Context&, const AdminCall&);
Result<HttpResponse> access_alarms(Context&, const AdminCall&);
Result<HttpResponse> access_approve(Context&, const AdminCall&);
Result<HttpResponse> access_keys(Context&, const AdminCall&);
Result<HttpResponse> access_rotate(Context&, const AdminCall&);
Result<HttpResponse> peers_list(Context&, const AdminCall&);
Result<HttpResponse> peers_enrol(Context&, const AdminCall&);
Result<HttpResponse> peers_revoke(Context&, const AdminCall&);
Result<HttpResponse> pki_issue(Context&, const AdminCall&);
Result<HttpResponse> pki_list(Context&, const AdminCall&);
Result<HttpResponse> pki_show(Context&, const AdminCall&);
Result<HttpResponse> pki_renew(Context&, const AdminCall&);
Result<HttpResponse> pki_revoke(Context&, const AdminCall&);
Result<HttpResponse> pki_release(Context&, const AdminCall&);
Result<HttpResponse> pki_revoke_holder(Context&, const AdminCall&);
Result<HttpResponse> pki_authorities(Context&, const AdminCall&);
Result<HttpResponse> pki_profile(Context&, const AdminCall&);
Result<HttpResponse> pki_profiles(Context&, const AdminCall&);
Result<HttpResponse> pki_crl(Context&, const AdminCall&);
Result<HttpResponse> est_code(Context&, const AdminCall&);
Result<HttpResponse> est_codes(Context&, const AdminCall&);
Result<HttpResponse> est_approve(Context&, const AdminCall&);
Result<HttpResponse> est_remove(Context&, const AdminCall&);
Result<HttpResponse> wallet_list(Context&, const AdminCall&);
Result<HttpResponse> wallet_show(Context&, const AdminCall&);
Result<HttpResponse> wallet_approve(Context&, const AdminCall&);
Result<HttpResponse> wallet_unlock(Context&, const AdminCall&);
Result<HttpResponse> wallet_close(Context&, const AdminCall&);
Result<HttpResponse> wallet_alarms(Context&, const AdminCall&);
Result<HttpResponse> wallet_front_ends(Context&, const AdminCall&);
Result<HttpResponse> wallet_totals(Context&, const AdminCall&);
Result<HttpResponse> cardsign_manufacturers(Context&, const AdminCall&);
Result<HttpResponse> cardsign_manufacturer(Context&, const AdminCall&);
Result<HttpResponse> cardsign_record_key(Context&, const AdminCall&);
Result<HttpResponse> cardsign_cards(Context&, const AdminCall&);
Result<HttpResponse> cardsign_import(Context&, const AdminCall&);
Result<HttpResponse> cardsign_card(Context&, const AdminCall&);
Result<HttpResponse> cardsign_assign(Context&, const AdminCall&);
Result<HttpResponse> cardsign_container(Context&, const AdminCall&);
Result<HttpResponse> cardsign_container_remove(Context&, const AdminCall&);
Result<HttpResponse> cardsign_withdraw(Context&, const AdminCall&);
Result<HttpResponse> cardsign_renew(Context&, const AdminCall&);
Result<HttpResponse> cardsign_number(Context&, const AdminCall&);
Result<HttpResponse> cardsign_instruments(Context&, const AdminCall&);
Result<HttpResponse> cardsign_instrument(Context&, const AdminCall&);
Result<HttpResponse> cardsign_payment(Context&, const AdminCall&);
Result<HttpResponse> cardsign_alarms(Context&, const AdminCall&);

Result<HttpResponse> payments_open(Context&, const AdminCall&);
Result<HttpResponse> payments_lines(Context&, const AdminCall&);
Result<HttpResponse> payments_reconcile(Context&, const AdminCall&);
Result<HttpResponse> payments_reconciled(Context&, const AdminCall&);
Result<HttpResponse> payments_decide(Context&, const AdminCall&);
Result<HttpResponse> payments_decisions(Context&, const AdminCall&);
Result<HttpResponse> merchants_list(Context&, const AdminCall&);
Result<HttpResponse> merchants_enrol(Context&, const AdminCall&);
Result<HttpResponse> status(Context&, const AdminCall&);

// The body as a JSON object; Code::invalid for another content type.
Result<wire::JsonObject> json_body(const AdminCall& call, std::size_t max_size = 64 * 1024);
// The value of a query parameter; the fallback when it is not there.
Result<std::string> query_value(const AdminCall& call, std::string_view name, std::string fallback);
HttpResponse json_reply(wire::JsonWriter& writer);

}  // namespace tf::platform::admin
