// Queries and mutations that the API adds to the document's.
import { gql } from '@apollo/client';

const PAGE_INFO = gql`
  fragment Page on PageInfo {
    hasNextPage
    hasPreviousPage
    startCursor
    endCursor
  }
`;

export const CHANNEL = gql`
  query Channel($cid: String!) {
    channel(cid: $cid) {
      id
      cid
      type
      name
      avatar
      frozen
      messageCount
      createdBy
      createdAt
      updatedAt
      lastMessageAt
    }
  }
`;

export const CHANNELS = gql`
  query Channels($first: Int, $after: String, $search: String, $type: ChatStreamChannelType) {
    channels(first: $first, after: $after, search: $search, type: $type) {
      edges {
        cursor
        node {
          cid
        }
      }
      nodes {
        id
        cid
        type
        name
      }
      pageInfo {
        ...Page
      }
    }
  }
  ${PAGE_INFO}
`;

export const MESSAGES = gql`
  query Messages($cid: String!, $first: Int, $after: String, $last: Int, $before: String) {
    messages(cid: $cid, first: $first, after: $after, last: $last, before: $before) {
      edges {
        cursor
        node {
          id
          seq
        }
      }
      nodes {
        id
        cid
        seq
        text
        sender {
          id
          name
          role
        }
        attachments {
          type
          title
          titleLink
          assetUrl
          imageUrl
        }
        mentionedUsers {
          id
          name
          role
        }
        createdAt
        deletedAt
      }
      pageInfo {
        ...Page
      }
    }
  }
  ${PAGE_INFO}
`;

export const CHAT_USERS = gql`
  query ChatUsers($search: String, $first: Int, $after: String) {
    chatUsers(search: $search, first: $first, after: $after) {
      edges {
        cursor
        node {
          id
          name
          role
        }
      }
      nodes {
        id
        name
        role
      }
      pageInfo {
        ...Page
      }
    }
  }
  ${PAGE_INFO}
`;

export const UPSERT_CHAT_USERS = gql`
  mutation UpsertChatUsers($input: UpsertChatUsersInput!) {
    upsertChatUsers(input: $input) {
      users {
        id
        name
        role
      }
    }
  }
`;

export const DELETE_MESSAGE = gql`
  mutation DeleteMessage($input: DeleteMessageInput!) {
    deleteMessage(input: $input) {
      messageId
    }
  }
`;

export const FREEZE_CHANNEL = gql`
  mutation FreezeChannel($input: FreezeChannelInput!) {
    freezeChannel(input: $input) {
      channel {
        cid
        frozen
      }
    }
  }
`;
