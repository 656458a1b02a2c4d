"""What Studio knows and this product does not offer: hidden for everybody."""

from __future__ import annotations

from typing import Final

DISABLED: Final = {
    "billing:all": "nobody is billed",
    "billing:account_data": "nobody is billed",
    "billing:credits": "nobody is billed",
    "billing:invoices": "nobody is billed",
    "billing:payment_methods": "nobody is billed",
    "database:replication": "needs a service of the hosted platform",
    "database:restore_to_new_project": "there are no hosted backups to restore from",
    "infrastructure:read_replicas": "a project has one database",
    "integrations:aws_private_link": "a service of one cloud",
    "integrations:partners": "needs contracts of the hosted platform",
    "integrations:vercel": "needs an application that the hosted platform registered",
    "logs:collections": "needs a service of the hosted platform",
    "organization:show_legal_documents": "the operator's own papers apply",
    "organization:show_sso_settings": "there is no single sign-on",
    "profile:show_account_deletion": "the page writes to the hosted platform's support",
    "profile:show_analytics_and_marketing": "nothing is collected",
    "project_addons:dedicated_ipv4_address": "addresses are the cluster's",
    "project_addons:show_compute_price": "nobody is billed",
    "project_settings:log_drains": "needs a service of the hosted platform",
    "storage:analytics": "needs a service of the hosted platform",
    "storage:vectors": "needs a service of the hosted platform",
}
"""Name of a feature, in Studio's words → why it is not there."""
