/** The tabs of a first visit, in order: each is a document that runs as it stands. The first is what a newcomer sees. */
import accounts from './tabs/accounts.graphql';
import createLead from './tabs/create_lead.graphql';
import events from './tabs/events.graphql';
import leads from './tabs/leads.graphql';

export const defaultTabs = [leads, createLead, events, accounts];
